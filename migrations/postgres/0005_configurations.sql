-- What each instance is configured to do, in short hashes, so that who shares this database can tell whether all do the
-- same; and the name of who has the lease, which outlives his entry.

create table configuration (
  id       text collate "C" not null primary key references :schema.instance (id) on delete cascade,
  digest   text collate "C" not null, -- of all of it
  sections json not null              -- a hash by the name of each section
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Says what instance `of_id` is configured to do; nothing for one that has not said that it lives.
create function describe(of_id text, of_digest text, of_sections json) returns void
language sql volatile
set lock_timeout = '1s'
as $$
  insert into :schema.configuration as c (id, digest, sections)
    select i.id, of_digest, of_sections from :schema.instance i where i.id = of_id
    on conflict (id) do update set digest = excluded.digest, sections = excluded.sections
$$;

alter table lease add column owner_name text collate "C"; -- null where an older version gave it

-- As it was, and notes the name.
create or replace function claim(of_id text, of_name text, of_version text, for_ms bigint, known integer) returns json
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
    update :schema.lease set epoch = had.epoch + 1, owner = of_id, owner_name = of_name, until = now_ms + for_ms,
      ttl = for_ms, reserved = 0, handover = null, successor = null;
  end if;
  return :schema.beat(of_id, of_name, of_version, null, 0);
end
$$;

-- As it was, and the name of the owner, and the digest of each instance: null for one that has said none.
create or replace function lease_view() returns json
language sql volatile
as $$
  select json_build_object(
    'epoch', l.epoch, 'owner', l.owner, 'ownerName', l.owner_name, 'until', l.until, 'handover', l.handover, 'successor', l.successor,
    'instances', coalesce((
      select json_agg(json_build_object(
        'name', i.name, 'id', i.id, 'version', i.version, 'beat', i.beat, 'digest', c.digest,
        'role', case when i.id = l.owner and l.until > 0 then 'active' else 'standby' end
      ) order by i.beat desc)
      from (select * from :schema.instance order by beat desc limit 32) i
      left join :schema.configuration c on c.id = i.id
    ), '[]'),
    'now', :schema.clock_ms()
  ) from :schema.lease l
$$;
