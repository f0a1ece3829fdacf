-- The same tables as in SQLite's migrations, which say what is in them. What is another here:
--
-- The key of a row with a JID is the SHA-256 of its kind, its pool and its name, for a JID may be longer than an index
-- takes. So it is in all of the small tables.
-- Texts are compared byte by byte (collate "C"), so that no other version of a locale damages an index.
-- No row is written anew by every batch: while a long transaction keeps vacuum from its work, each version of such
-- a row would make the next one slower. Such rows are added under a number that grows, and the one before is deleted.

create table preference (
  hash      bytea not null primary key,
  pool      text collate "C" not null,
  algorithm text collate "C" not null,
  replaced  text collate "C" not null
);

create table member (
  hash     bytea   not null primary key,
  pool     text collate "C" not null,
  jid      text collate "C" not null,
  label    text collate "C" not null,
  sequence bigint  not null,
  priority integer not null,
  show     text collate "C" not null,
  weight   double precision,
  capacity bigint,
  drain    boolean not null,
  pings    boolean,
  seen     bigint  not null
) with (fillfactor = 70);

create table conversation (
  hash   bytea  not null primary key,
  pool   text collate "C" not null,
  sender text collate "C" not null,
  worker text collate "C" not null,
  at     bigint not null
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

create index conversation_age on conversation (pool, at);

create table subscription (
  hash  bytea   not null primary key,
  pool  text collate "C" not null,
  peer  text collate "C" not null,
  state text collate "C" not null,
  ask   boolean not null
);

create table alias (
  hash   bytea  not null primary key,
  pool   text collate "C" not null,
  sender text collate "C" not null,
  key    text collate "C" not null,
  at     bigint not null
);

create table label (
  hash  bytea  not null primary key,
  pool  text collate "C" not null,
  label text collate "C" not null,
  bare  text collate "C" not null,
  at    bigint not null
);

create table worker_order (
  hash   bytea  not null primary key,
  pool   text collate "C" not null,
  jid    text collate "C" not null,
  held   text collate "C" check (held in ('drained', 'suspended')),
  weight bigint check (weight between 1 and 1000)
);

create table made_pool (
  hash     bytea  not null primary key,
  name     text collate "C" not null,
  settings text collate "C" not null,
  made_by  text collate "C" not null,
  made_at  bigint not null
);

-- Rows come in at one end and mostly go at the other. One that goes to a worker at once is never updated.
create table delivery (
  id         bigint   not null primary key,
  since      bigint   not null,
  expires    bigint   not null,
  not_before bigint   not null,
  leased_at  bigint   not null,
  deadline   bigint   not null,
  dead_at    bigint   not null,
  attempt    bigint   not null,
  base       bigint   not null,
  bytes      bigint   not null,
  state      smallint not null check (state between 0 and 2), -- 0 ready, 1 leased, 2 dead
  receipt    boolean  not null,
  pool       text collate "C" not null,
  sender     text collate "C" not null,
  target     text collate "C" not null,
  type       text collate "C",
  message    text collate "C",
  wire       text collate "C",
  lang       text collate "C",
  key        text collate "C",
  worker     text collate "C",
  nonce      text collate "C",
  reason     text collate "C",
  rest       text collate "C",
  history    text collate "C",
  tail       text collate "C" not null
) with (
  fillfactor = 90,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_analyze_scale_factor = 0.1,
  autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0.02,
  toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0
);

-- It is gone before its room is worth the time that it takes to compress it.
alter table delivery alter column tail set storage external;

-- None of these holds a row that goes to a worker at once and is acknowledged.
create index delivery_ready on delivery (pool, id) where state = 0;
create index delivery_key on delivery (pool, hashtextextended(key, 0), id) where state = 0 and key is not null;
create index delivery_expiry on delivery (pool, expires, id) where state = 0;
create index delivery_dead on delivery (pool, id) where state = 2;
create index delivery_dead_age on delivery (pool, dead_at, id) where state = 2;

create table duplicate (
  pool text collate "C" not null,
  id   bigint not null,
  key  bytea  not null,
  primary key (pool, id)
) with (
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.1,
  autovacuum_vacuum_cost_delay = 0
);

-- Room is tried with it.
alter table duplicate alter column key set storage external;

-- Of each pool the row of the highest number says what became of its deliveries.
create table tally (
  pool         text collate "C" not null,
  number       bigint not null,
  accepted     bigint not null,
  acknowledged bigint not null,
  bounced      bigint not null,
  purged       bigint not null,
  last         bigint not null, -- the highest id of all
  primary key (pool, number)
) with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);

-- The last batch of each epoch, and what it refused: who lost the connection while it was written learns it from here.
create table batch (
  epoch   bigint not null,
  number  bigint not null,
  empty   boolean not null, -- it holds the number, so that no batch of it is written any more
  stale   integer[] not null, -- places of changes that came too late
  refused jsonb not null, -- by place, what the database did not take, and why
  primary key (epoch, number)
) with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0
);
