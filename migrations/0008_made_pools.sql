-- Pools that operators have made while the router ran: their settings as the configuration would have them, in JSON.
create table made_pool (
  name     text    not null primary key,
  settings text    not null,
  made_by  text    not null,
  made_at  integer not null
) strict, without rowid;
