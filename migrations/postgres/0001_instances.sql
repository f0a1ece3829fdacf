-- Which deployment this is, which instances there are, and which of them may write.
--
-- `:schema` stands for the name of the schema. All times are the database's own, in milliseconds since 1970. What an
-- instance asks is one call of one function: who is stopped between two statements would hold what he has locked, and a
-- pooler may give each transaction another connection.

-- One row: the domain of the component.
create table deployment (
  domain text collate "C" not null
);

create table instance (
  id      text collate "C" not null primary key,
  name    text collate "C" not null,
  version text collate "C" not null,
  beat    bigint not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- One row. Each batch of changes locks it `for key share` by its epoch, which no beat is hindered by, for a beat leaves the
-- epoch as it is. A claim changes the epoch, and so waits for the batch that is being written; a later one finds no row.
create table lease (
  epoch     bigint not null primary key,
  owner     text collate "C",
  until     bigint not null, -- 0 when it was given back
  ttl       bigint not null, -- milliseconds for which it was given last
  reserved  bigint not null, -- until then none but the successor may claim it
  handover  text collate "C" check (handover in ('asked', 'ready')),
  successor text collate "C"
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

insert into lease (epoch, owner, until, ttl, reserved) values (0, null, 0, 0, 0);

create function clock_ms() returns bigint
language sql volatile
as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

-- What every answer says.
create function lease_view() returns json
language sql volatile
as $$
  select json_build_object(
    'epoch', l.epoch, 'owner', l.owner, 'until', l.until, 'handover', l.handover, 'successor', l.successor,
    'instances', coalesce((
      select json_agg(json_build_object(
        'name', i.name, 'id', i.id, 'version', i.version, 'beat', i.beat,
        'role', case when i.id = l.owner and l.until > 0 then 'active' else 'standby' end
      ) order by i.beat desc)
      from (select * from :schema.instance order by beat desc limit 32) i
    ), '[]'),
    'now', :schema.clock_ms()
  ) from :schema.lease l
$$;

-- Says that an instance lives; renews the lease when it has it with `of_epoch`.
create function beat(of_id text, of_name text, of_version text, of_epoch bigint, for_ms bigint) returns json
language plpgsql
set lock_timeout = '10s'
as $$
declare
  now_ms bigint;
begin
  perform from :schema.lease where epoch = of_epoch and owner = of_id and until > 0 for no key update;
  now_ms := :schema.clock_ms(); -- After the wait for the row.
  if found then
    update :schema.lease set until = now_ms + for_ms, ttl = for_ms where epoch = of_epoch;
  end if;
  -- The clock went back, as it may with another machine: nobody shall be waited for until it is there again.
  update :schema.lease set until = least(until, now_ms + ttl), reserved = least(reserved, now_ms + ttl)
    where greatest(until, reserved) > now_ms + ttl + 1000;
  update :schema.instance set beat = now_ms where beat > now_ms + 1000;
  insert into :schema.instance as i (id, name, version, beat) values (of_id, of_name, of_version, now_ms)
    on conflict (id) do update set name = excluded.name, version = excluded.version, beat = excluded.beat;
  -- What did not say that it ends.
  delete from :schema.instance where id in (
    select id from :schema.instance where beat < now_ms - 300000 for update skip locked
  );
  return :schema.lease_view();
end
$$;

-- Gives the lease, with the next epoch, to who may have it; `known` is how many migrations the instance knows.
create function claim(of_id text, of_name text, of_version text, for_ms bigint, known integer) returns json
language plpgsql
set lock_timeout = '10s'
as $$
declare
  had record;
  now_ms bigint;
begin
  select * into had from :schema.lease for update;
  if (select max(number) from :schema.migration) > known then
    raise exception 'this schema is of a newer version' using errcode = 'feature_not_supported';
  end if;
  now_ms := :schema.clock_ms();
  if (had.until < now_ms or had.owner = of_id) and (had.reserved < now_ms or had.successor = of_id) then
    update :schema.lease set epoch = had.epoch + 1, owner = of_id, until = now_ms + for_ms, ttl = for_ms, reserved = 0,
      handover = null, successor = null;
  end if;
  return :schema.beat(of_id, of_name, of_version, null, 0);
end
$$;

-- Gives the lease back. For a while it is kept for who is ready to follow.
create function release(of_id text, of_epoch bigint) returns void
language sql volatile
set lock_timeout = '10s'
as $$
  update :schema.lease set until = 0,
    reserved = case when handover = 'ready' then :schema.clock_ms() + ttl else 0 end
  where epoch = of_epoch and owner = of_id and until > 0
$$;

-- Notes how far a planned change is; nothing when it is not as the step needs it.
create function hand_over(of_id text, step text, of_epoch bigint) returns void
language sql volatile
set lock_timeout = '10s'
as $$
  update :schema.lease set handover = step, successor = case when step = 'ready' then of_id end
  where epoch = of_epoch and until > 0 and case step
    when 'asked' then owner = of_id
    when 'ready' then owner <> of_id and (handover = 'asked' or successor = of_id)
    else of_id in (owner, successor)
  end
$$;

-- Ends the entry of an instance.
create function leave(of_id text) returns void
language sql volatile
as $$ delete from :schema.instance where id = of_id $$;

-- Stanzas that came as the place of the active instance was given up, as they came, for the one that follows.
create table unrouted (
  place  bigint generated always as identity primary key,
  stanza text collate "C" not null
);

-- Whether they were kept: only by who has the lease.
create function keep_unrouted(of_id text, of_epoch bigint, stanzas text[]) returns boolean
language sql volatile
set lock_timeout = '10s'
as $$
  with had as (
    select 1 from :schema.lease where epoch = of_epoch and owner = of_id and until > 0 for key share
  ), kept as (
    insert into :schema.unrouted (stanza)
      select stanza from unnest(stanzas) with ordinality as given (stanza, position)
      where exists (select from had) order by position
  )
  select exists (select from had)
$$;

-- Nothing, unless it is asked by who has the lease.
create function take_unrouted(of_id text, of_epoch bigint) returns text[]
language sql volatile
set lock_timeout = '10s'
as $$
  with had as (
    select 1 from :schema.lease where epoch = of_epoch and owner = of_id and until > 0 for key share
  ), taken as (
    delete from :schema.unrouted where exists (select from had) returning place, stanza
  )
  select coalesce(array_agg(stanza order by place), '{}') from taken
$$;
