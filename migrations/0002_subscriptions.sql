-- What a pool and a peer have agreed on about each other's presence (RFC 6121 section 3).
create table subscription (
  pool  text    not null,
  peer  text    not null,
  state text    not null,
  ask   integer not null,
  primary key (pool, peer)
) strict, without rowid;
