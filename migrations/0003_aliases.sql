-- The names under which a pool's workers know senders whose own JID they cannot, or shall not, see.
create table alias (
  pool   text    not null,
  sender text    not null,
  key    text    not null,
  at     integer not null,
  primary key (pool, sender)
) strict, without rowid;
