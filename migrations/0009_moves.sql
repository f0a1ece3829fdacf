-- Whether what is here came from another database, is still coming, or has gone to one: one row at most.
create table move (
  one   integer not null primary key check (one = 1),
  state text    not null check (state in ('arriving', 'checked', 'arrived', 'left')),
  id    text    not null, -- of the move, the same on both sides
  other text    not null, -- the place of the other side
  at    integer not null
) strict;
