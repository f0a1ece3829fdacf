-- Messages that durable pools have accepted, until they are acknowledged, given back, or removed. The id grows with
-- time, so rows come in at one end and mostly go at the other. The text is last: what skips a row does not read it.
create table delivery (
  id         integer primary key,
  pool       text    not null,
  state      integer not null, -- 0 ready, 1 leased, 2 dead
  attempt    integer not null,
  base       integer not null,
  bytes      integer not null,
  since      integer not null,
  expires    integer not null,
  not_before integer not null,
  leased_at  integer not null,
  deadline   integer not null,
  dead_at    integer not null,
  receipt    integer not null,
  sender     text    not null,
  target     text    not null,
  type       text,
  message    text,
  wire       text,
  lang       text,
  key        text,
  worker     text,
  nonce      text,
  reason     text,
  rest       text,
  history    text,
  tail       text    not null
) strict;

-- None of these holds a row that goes to a worker at once and is acknowledged: it costs one write and one removal.
create index delivery_ready on delivery (pool, id) where state = 0;
create index delivery_key on delivery (pool, key, id) where state = 0 and key is not null;
create index delivery_expiry on delivery (pool, expires) where state = 0;
create index delivery_dead on delivery (pool, id) where state = 2;
create index delivery_dead_age on delivery (pool, dead_at) where state = 2;

-- By what a second copy of a message is known, also when the first is done.
create table duplicate (
  pool text    not null,
  id   integer not null,
  key  blob    not null,
  primary key (pool, id)
) strict, without rowid;

-- What became of them: accepted = acknowledged + bounced + purged + the rows that are there. By the number of the batch
-- it is known whether one was written, also when nobody lived to say so.
create table tally (
  pool         text    not null primary key,
  accepted     integer not null,
  acknowledged integer not null,
  bounced      integer not null,
  purged       integer not null,
  last         integer not null, -- the highest id of all
  batch        integer not null -- the last batch that changed any
) strict, without rowid;
