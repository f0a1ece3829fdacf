-- Labels of workers that have left: they stay with the worker's account for a day.
create table label (
  pool  text    not null,
  label text    not null,
  bare  text    not null,
  at    integer not null,
  primary key (pool, label)
) strict, without rowid;
