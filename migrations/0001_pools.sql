-- What a client chose by XEP-0354, and the file's value that it replaced.
create table preference (
  pool      text not null primary key,
  algorithm text not null,
  replaced  text not null
) strict, without rowid;

-- Workers that joined, so that a restart of the router loses none.
create table member (
  pool     text    not null,
  jid      text    not null,
  label    text    not null,
  sequence integer not null,
  priority integer not null,
  show     text    not null,
  weight   real,
  drain    integer not null,
  pings    integer,
  seen     integer not null,
  primary key (pool, jid)
) strict, without rowid;

-- Senders whose messages a pool gave to a worker: the licence to answer them.
create table conversation (
  pool   text    not null,
  sender text    not null,
  worker text    not null,
  at     integer not null,
  primary key (pool, sender)
) strict, without rowid;

create index conversation_age on conversation (pool, at);
