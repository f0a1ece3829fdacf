-- What operators have decided about workers, until they take it back.
create table worker_order (
  pool   text    not null,
  jid    text    not null,
  held   text             check (held in ('drained', 'suspended')),
  weight integer          check (weight between 1 and 1000),
  primary key (pool, jid)
) strict, without rowid;
