-- How many messages a worker would hold at a time, as its presence said.
alter table member add column capacity integer;
