-- How a batch of changes is written: by one statement, for who is stopped between two would hold what he has locked,
-- and a pooler may give each transaction another connection.
--
-- Changes come in groups of one operation. None within a group is of the same row as another, so that a group is
-- written at once; groups are written one after the other.

-- Takes one step of each delivery; `done` are the ids of those whose row was as the step needs it to be.
create function write_steps(
  operation text, s_id bigint[], s_pool text[], s_a bigint[], s_b bigint[], s_c bigint[], s_s text[], s_t text[],
  out done bigint[]
)
language plpgsql
as $$
begin
  case operation
  when 'ack' then
    with gone as (
      delete from :schema.delivery d using unnest(s_id, s_pool) as s (id, pool)
      where d.id = s.id and d.pool = s.pool and d.state < 2
      returning d.id
    ) select array_agg(id) into done from gone;
  when 'lease' then -- a: attempt, b: when it began, c: deadline, s: worker, t: nonce
    with changed as (
      update :schema.delivery d
      set state = 1, attempt = s.a, leased_at = s.b, deadline = s.c, worker = s.s, nonce = s.t
      from unnest(s_id, s_pool, s_a, s_b, s_c, s_s, s_t) as s (id, pool, a, b, c, s, t)
      where d.id = s.id and d.pool = s.pool and d.state < 2 and d.attempt = s.a - 1
      returning d.id
    ) select array_agg(id) into done from changed;
  when 'release' then -- a: attempt, b: not before, s: history
    with changed as (
      update :schema.delivery d
      set state = 0, worker = null, leased_at = 0, deadline = 0, not_before = s.b, history = s.s
      from unnest(s_id, s_pool, s_a, s_b, s_s) as s (id, pool, a, b, s)
      where d.id = s.id and d.pool = s.pool and d.state = 1 and d.attempt = s.a
      returning d.id
    ) select array_agg(id) into done from changed;
  when 'extend' then -- a: attempt, b: deadline
    with changed as (
      update :schema.delivery d set deadline = s.b
      from unnest(s_id, s_pool, s_a, s_b) as s (id, pool, a, b)
      where d.id = s.id and d.pool = s.pool and d.state = 1 and d.attempt = s.a
      returning d.id
    ) select array_agg(id) into done from changed;
  when 'bury' then -- a: attempt, b: when it died, s: reason, t: history
    with changed as (
      update :schema.delivery d
      set state = 2, worker = null, leased_at = 0, deadline = 0, not_before = 0, dead_at = s.b, reason = s.s,
        history = s.t
      from unnest(s_id, s_pool, s_a, s_b, s_s, s_t) as s (id, pool, a, b, s, t)
      where d.id = s.id and d.pool = s.pool and d.state < 2 and d.attempt = s.a
      returning d.id, d.pool
    ), forgotten as (
      delete from :schema.duplicate x using changed c where x.pool = c.pool and x.id = c.id
    ) select array_agg(id) into done from changed;
  when 'keep' then -- a: when it died
    with changed as (
      update :schema.delivery d set dead_at = s.a
      from unnest(s_id, s_pool, s_a) as s (id, pool, a)
      where d.id = s.id and d.pool = s.pool and d.state = 2 and d.dead_at = 0
      returning d.id
    ) select array_agg(id) into done from changed;
  when 'bounce' then -- a: attempt
    with gone as (
      delete from :schema.delivery d using unnest(s_id, s_pool, s_a) as s (id, pool, a)
      where d.id = s.id and d.pool = s.pool and d.attempt = s.a
      returning d.id, d.pool
    ), forgotten as (
      delete from :schema.duplicate x using gone g where x.pool = g.pool and x.id = g.id
    ) select array_agg(id) into done from gone;
  when 'purge' then
    with gone as (
      delete from :schema.delivery d using unnest(s_id, s_pool) as s (id, pool)
      where d.id = s.id and d.pool = s.pool
      returning d.id, d.pool
    ), forgotten as (
      delete from :schema.duplicate x using gone g where x.pool = g.pool and x.id = g.id
    ) select array_agg(id) into done from gone;
  when 'redrive' then -- a: expires, b: not before
    with changed as (
      update :schema.delivery d
      set state = 0, base = d.attempt, expires = s.a, not_before = s.b, reason = null, dead_at = 0
      from unnest(s_id, s_pool, s_a, s_b) as s (id, pool, a, b)
      where d.id = s.id and d.pool = s.pool and d.state = 2
      returning d.id
    ) select array_agg(id) into done from changed;
  when 'forget-duplicates' then -- id: before
    delete from :schema.duplicate x using unnest(s_id, s_pool) as s (before, pool)
    where x.pool = s.pool and x.id < s.before;
    done := s_id;
  end case;
end
$$;

-- Takes messages in; `done` are the ids of those that were not there before.
create function write_accepted(
  a_id bigint[], a_since bigint[], a_expires bigint[], a_not_before bigint[], a_leased_at bigint[], a_deadline bigint[],
  a_dead_at bigint[], a_attempt bigint[], a_base bigint[], a_bytes bigint[], a_state bigint[], a_receipt bigint[],
  a_pool text[], a_sender text[], a_target text[], a_type text[], a_message text[], a_wire text[], a_lang text[],
  a_key text[], a_worker text[], a_nonce text[], a_reason text[], a_rest text[], a_history text[], a_tail text[],
  a_duplicate text[],
  out done bigint[]
)
language plpgsql
as $$
begin
  with added as (
    insert into :schema.delivery (id, since, expires, not_before, leased_at, deadline, dead_at, attempt, base, bytes,
      state, receipt, pool, sender, target, type, message, wire, lang, key, worker, nonce, reason, rest, history, tail)
    select r.id, r.since, r.expires, coalesce(r.not_before, 0), r.leased_at, r.deadline, coalesce(r.dead_at, 0),
      r.attempt, coalesce(r.base, 0), r.bytes, r.state, r.receipt <> 0, r.pool, r.sender, r.target, r.type, r.message,
      r.wire, r.lang, r.key, r.worker, r.nonce, r.reason, r.rest, r.history, r.tail
    from unnest(a_id, a_since, a_expires, a_not_before, a_leased_at, a_deadline, a_dead_at, a_attempt, a_base, a_bytes,
        a_state, a_receipt, a_pool, a_sender, a_target, a_type, a_message, a_wire, a_lang, a_key, a_worker, a_nonce,
        a_reason, a_rest, a_history, a_tail)
      as r (id, since, expires, not_before, leased_at, deadline, dead_at, attempt, base, bytes, state, receipt, pool,
        sender, target, type, message, wire, lang, key, worker, nonce, reason, rest, history, tail)
    on conflict (id) do nothing
    returning id
  ) select array_agg(id) into done from added;
  if cardinality(a_duplicate) = 0 then return; end if;
  insert into :schema.duplicate as d (pool, id, key)
    select r.pool, r.id, decode(r.duplicate, 'hex')
    from unnest(a_pool, a_id, a_duplicate) as r (pool, id, duplicate)
    where r.duplicate is not null
      -- So written, the ids are hashed, and not searched one by one.
      and (cardinality(done) = cardinality(a_id) or (r.id in (select unnest(done))) is true)
    on conflict (pool, id) do update set key = excluded.key;
end
$$;

-- Writes rows of the small tables, or takes them away, by their keys.
create function write_rows(operation text, objects json) returns void
language plpgsql
as $$
begin
  case operation
  when 'set-preference' then
    insert into :schema.preference (hash, pool, algorithm, replaced)
    select decode(hash, 'hex'), pool, algorithm, replaced
    from json_to_recordset(objects) as r (hash text, pool text, algorithm text, replaced text)
    on conflict (hash) do update set algorithm = excluded.algorithm, replaced = excluded.replaced;
  when 'clear-preference' then
    delete from :schema.preference x using json_to_recordset(objects) as r (hash text)
    where x.hash = decode(r.hash, 'hex');
  when 'put-member' then
    insert into :schema.member
      (hash, pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen)
    select decode(hash, 'hex'), pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen
    from json_to_recordset(objects) as r (hash text, pool text, jid text, label text, sequence bigint, priority integer,
      show text, weight double precision, capacity bigint, drain boolean, pings boolean, seen bigint)
    on conflict (hash) do update set label = excluded.label, sequence = excluded.sequence,
      priority = excluded.priority, show = excluded.show, weight = excluded.weight, capacity = excluded.capacity,
      drain = excluded.drain, pings = excluded.pings, seen = excluded.seen;
  when 'remove-member' then
    delete from :schema.member x using json_to_recordset(objects) as r (hash text) where x.hash = decode(r.hash, 'hex');
  when 'put-conversation' then
    insert into :schema.conversation (hash, pool, sender, worker, at)
    select decode(hash, 'hex'), pool, sender, worker, at
    from json_to_recordset(objects) as r (hash text, pool text, sender text, worker text, at bigint)
    on conflict (hash) do update set worker = excluded.worker, at = excluded.at;
  when 'expire-conversations' then
    delete from :schema.conversation x using json_to_recordset(objects) as r (pool text, before bigint)
    where x.pool = r.pool and x.at < r.before;
  when 'put-subscription' then
    insert into :schema.subscription (hash, pool, peer, state, ask)
    select decode(hash, 'hex'), pool, peer, state, ask
    from json_to_recordset(objects) as r (hash text, pool text, peer text, state text, ask boolean)
    on conflict (hash) do update set state = excluded.state, ask = excluded.ask;
  when 'remove-subscription' then
    delete from :schema.subscription x using json_to_recordset(objects) as r (hash text)
    where x.hash = decode(r.hash, 'hex');
  when 'put-label' then
    insert into :schema.label (hash, pool, label, bare, at)
    select decode(hash, 'hex'), pool, label, bare, at
    from json_to_recordset(objects) as r (hash text, pool text, label text, bare text, at bigint)
    on conflict (hash) do update set bare = excluded.bare, at = excluded.at;
  when 'remove-label' then
    delete from :schema.label x using json_to_recordset(objects) as r (hash text) where x.hash = decode(r.hash, 'hex');
  when 'put-order' then
    insert into :schema.worker_order (hash, pool, jid, held, weight)
    select decode(hash, 'hex'), pool, jid, held, weight
    from json_to_recordset(objects) as r (hash text, pool text, jid text, held text, weight bigint)
    on conflict (hash) do update set held = excluded.held, weight = excluded.weight;
  when 'remove-order' then
    delete from :schema.worker_order x using json_to_recordset(objects) as r (hash text)
    where x.hash = decode(r.hash, 'hex');
  when 'put-pool' then
    insert into :schema.made_pool (hash, name, settings, made_by, made_at)
    select decode(hash, 'hex'), pool, settings, "by", at
    from json_to_recordset(objects) as r (hash text, pool text, settings text, "by" text, at bigint)
    on conflict (hash) do update set settings = excluded.settings, made_by = excluded.made_by,
      made_at = excluded.made_at;
  when 'remove-pool' then
    delete from :schema.made_pool x using json_to_recordset(objects) as r (hash text) where x.hash = decode(r.hash, 'hex');
  when 'put-alias' then
    insert into :schema.alias (hash, pool, sender, key, at)
    select decode(hash, 'hex'), pool, sender, key, at
    from json_to_recordset(objects) as r (hash text, pool text, sender text, key text, at bigint)
    on conflict (hash) do update set key = excluded.key, at = excluded.at;
  when 'remove-alias' then
    delete from :schema.alias x using json_to_recordset(objects) as r (hash text) where x.hash = decode(r.hash, 'hex');
  end case;
end
$$;

-- Adds to the tallies of pools: `accepted_ids` were accepted, each for its pool of `accepted_pools`, and others of
-- `ended_pools` have ended, each as `ended_as` says.
create function write_tallies(accepted_pools text[], accepted_ids bigint[], ended_pools text[], ended_as text[])
returns void
language plpgsql
as $$
begin
  with ends as (
    select pool, 1 as accepted, 0 as acknowledged, 0 as bounced, 0 as purged, id
    from unnest(accepted_pools, accepted_ids) as r (pool, id)
    union all
    select pool, 0, (how = 'ack')::integer, (how = 'bounce')::integer, (how = 'purge')::integer, 0
    from unnest(ended_pools, ended_as) as r (pool, how)
  ), sums as (
    select pool, sum(accepted) as accepted, sum(acknowledged) as acknowledged, sum(bounced) as bounced,
      sum(purged) as purged, max(id) as last
    from ends group by pool
  ), next as materialized (
    select s.pool, t.number as before, coalesce(t.accepted, 0) + s.accepted as accepted,
      coalesce(t.acknowledged, 0) + s.acknowledged as acknowledged, coalesce(t.bounced, 0) + s.bounced as bounced,
      coalesce(t.purged, 0) + s.purged as purged, greatest(t.last, s.last) as last
    from sums s left join lateral (
      select * from :schema.tally t where t.pool = s.pool order by t.number desc limit 1
    ) t on true
  ), gone as (
    delete from :schema.tally t using next n where t.pool = n.pool and t.number = n.before
  )
  insert into :schema.tally (pool, number, accepted, acknowledged, bounced, purged, last)
  select n.pool, coalesce(n.before, 0) + 1, n.accepted, n.acknowledged, n.bounced, n.purged, n.last from next n;
end
$$;

-- Writes one group; `done` are the ids of the deliveries that it has changed.
create function write_group(
  operation text, objects text,
  s_id bigint[], s_pool text[], s_a bigint[], s_b bigint[], s_c bigint[], s_s text[], s_t text[],
  a_id bigint[], a_since bigint[], a_expires bigint[], a_not_before bigint[], a_leased_at bigint[], a_deadline bigint[],
  a_dead_at bigint[], a_attempt bigint[], a_base bigint[], a_bytes bigint[], a_state bigint[], a_receipt bigint[],
  a_pool text[], a_sender text[], a_target text[], a_type text[], a_message text[], a_wire text[], a_lang text[],
  a_key text[], a_worker text[], a_nonce text[], a_reason text[], a_rest text[], a_history text[], a_tail text[],
  a_duplicate text[],
  out done bigint[]
)
language plpgsql
as $$
begin
  if objects is not null then
    perform :schema.write_rows(operation, objects::json);
  elsif operation = 'accept' then
    done := :schema.write_accepted(a_id, a_since, a_expires, a_not_before, a_leased_at, a_deadline, a_dead_at, a_attempt, a_base, a_bytes, a_state,
      a_receipt, a_pool, a_sender, a_target, a_type, a_message, a_wire, a_lang, a_key, a_worker, a_nonce, a_reason,
      a_rest, a_history, a_tail, a_duplicate);
  else
    done := :schema.write_steps(operation, s_id, s_pool, s_a, s_b, s_c, s_s, s_t);
  end if;
end
$$;

-- Writes a batch, unless the lease is not of epoch `of_epoch`; it cannot be claimed meanwhile. A batch is written once,
-- whoever asks how often: the first answer is given again, as `known`, or as `empty` when there was nothing in it.
--
-- Group n is `operations[n]`, of the elements from `firsts[n]` to `lasts[n]` of the columns of steps (s_) or of accepted
-- messages (a_), or of the objects in `objects[n]`. With `careful`, each group is of one change, that of place
-- `places[n]`, and what the database does not take is left out. `before_number` is the batch before it in this epoch;
-- its answer is wanted no more.
create function write_batch(
  of_epoch bigint, of_number bigint, before_number bigint, careful boolean,
  operations text[], firsts integer[], lasts integer[], places integer[], objects text[],
  s_place integer[], s_id bigint[], s_pool text[], s_a bigint[], s_b bigint[], s_c bigint[], s_s text[], s_t text[],
  a_id bigint[], a_since bigint[], a_expires bigint[], a_not_before bigint[], a_leased_at bigint[], a_deadline bigint[],
  a_dead_at bigint[], a_attempt bigint[], a_base bigint[], a_bytes bigint[], a_state bigint[], a_receipt bigint[],
  a_pool text[], a_sender text[], a_target text[], a_type text[], a_message text[], a_wire text[], a_lang text[],
  a_key text[], a_worker text[], a_nonce text[], a_reason text[], a_rest text[], a_history text[], a_tail text[],
  a_duplicate text[],
  out outcome text, out stale integer[], out refused jsonb
)
language plpgsql
-- One plan for ever, by the keys, whatever the tables held when it was made.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set lock_timeout = '20s'
as $$
declare
  f integer;
  l integer;
  done bigint[];
  accepted_pools text[] := '{}';
  accepted_ids bigint[] := '{}';
  ended_pools text[] := '{}';
  ended_as text[] := '{}';
begin
  perform from :schema.lease where epoch = of_epoch for key share;
  if not found then
    -- Whoever claimed it has waited for a batch that was under way.
    update :schema.batch b set number = b.number where b.epoch = of_epoch and b.number = of_number
      returning case when b.empty then 'empty' else 'known' end, b.stale, b.refused into outcome, stale, refused;
    if not found then outcome := 'fenced'; end if;
    return;
  end if;
  insert into :schema.batch as b (epoch, number, empty, stale, refused)
    values (of_epoch, of_number, cardinality(operations) = 0, '{}', '{}')
    on conflict do nothing;
  if not found then
    -- Written, so that the answer waits for the standby, which the first one may not have had.
    update :schema.batch b set number = b.number where b.epoch = of_epoch and b.number = of_number
      returning case when b.empty then 'empty' else 'known' end, b.stale, b.refused into outcome, stale, refused;
    return;
  end if;
  if exists (select from :schema.batch b where b.epoch = of_epoch and b.number > of_number) then
    raise exception 'batch % came after a later one', of_number using errcode = 'object_not_in_prerequisite_state';
  end if;
  outcome := 'written';
  stale := '{}';
  refused := '{}';
  if cardinality(operations) = 0 then
    -- Whether there is room for a message.
    insert into :schema.duplicate as d (pool, id, key) values ('', 0, convert_to(repeat('x', 65536), 'UTF8'))
      on conflict (pool, id) do update set key = excluded.key;
    delete from :schema.duplicate d where d.pool = '' and d.id = 0;
  end if;
  for n in 1 .. cardinality(operations) loop
    f := firsts[n];
    l := lasts[n];
    if careful then
      begin
        done := :schema.write_group(
          operations[n], objects[n], s_id[f:l], s_pool[f:l], s_a[f:l], s_b[f:l], s_c[f:l], s_s[f:l], s_t[f:l],
          a_id[f:l], a_since[f:l], a_expires[f:l], a_not_before[f:l], a_leased_at[f:l], a_deadline[f:l],
          a_dead_at[f:l], a_attempt[f:l], a_base[f:l], a_bytes[f:l], a_state[f:l], a_receipt[f:l], a_pool[f:l],
          a_sender[f:l], a_target[f:l], a_type[f:l], a_message[f:l], a_wire[f:l], a_lang[f:l], a_key[f:l],
          a_worker[f:l], a_nonce[f:l], a_reason[f:l], a_rest[f:l], a_history[f:l], a_tail[f:l], a_duplicate[f:l]
        );
      exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        refused := refused || jsonb_build_object(places[n], sqlstate || ': ' || sqlerrm);
        continue;
      end;
    else
      done := :schema.write_group(
        operations[n], objects[n], s_id[f:l], s_pool[f:l], s_a[f:l], s_b[f:l], s_c[f:l], s_s[f:l], s_t[f:l],
        a_id[f:l], a_since[f:l], a_expires[f:l], a_not_before[f:l], a_leased_at[f:l], a_deadline[f:l],
        a_dead_at[f:l], a_attempt[f:l], a_base[f:l], a_bytes[f:l], a_state[f:l], a_receipt[f:l], a_pool[f:l],
        a_sender[f:l], a_target[f:l], a_type[f:l], a_message[f:l], a_wire[f:l], a_lang[f:l], a_key[f:l],
        a_worker[f:l], a_nonce[f:l], a_reason[f:l], a_rest[f:l], a_history[f:l], a_tail[f:l], a_duplicate[f:l]
      );
    end if;
    if objects[n] is not null then continue; end if;
    done := coalesce(done, '{}');
    if operations[n] = 'accept' then
      accepted_ids := accepted_ids || done;
      if cardinality(done) = l - f + 1 then
        accepted_pools := accepted_pools || a_pool[f:l];
      else
        -- `done` is in the order of the columns.
        accepted_pools := accepted_pools || array(
          select r.pool from unnest(a_id[f:l], a_pool[f:l]) with ordinality as r (id, pool, row)
          where (r.id in (select unnest(done))) is true order by r.row
        );
      end if;
      continue;
    end if;
    if cardinality(done) <> l - f + 1 then
      stale := stale || array(
        select r.place from unnest(s_place[f:l], s_id[f:l]) as r (place, id) where r.id not in (select unnest(done))
      );
    end if;
    if operations[n] in ('ack', 'bounce', 'purge') and cardinality(done) > 0 then
      if cardinality(done) = l - f + 1 then
        ended_pools := ended_pools || s_pool[f:l];
      else
        ended_pools := ended_pools || array(
          select r.pool from unnest(s_id[f:l], s_pool[f:l]) as r (id, pool)
          where (r.id in (select unnest(done))) is true
        );
      end if;
      ended_as := ended_as || array_fill(operations[n], array[cardinality(done)]);
    end if;
  end loop;
  if cardinality(accepted_ids) + cardinality(ended_pools) > 0 then
    perform :schema.write_tallies(accepted_pools, accepted_ids, ended_pools, ended_as);
  end if;
  if cardinality(stale) > 0 or refused <> '{}' then
    update :schema.batch b set stale = write_batch.stale, refused = write_batch.refused
      where b.epoch = of_epoch and b.number = of_number;
  end if;
  if before_number is null then
    delete from :schema.batch b where b.epoch < of_epoch - 16;
  else
    delete from :schema.batch b where b.epoch = of_epoch and b.number = before_number;
  end if;
end
$$;
