-- How long a lease holds unless it is renewed.
create function exosphere.lease_time() returns interval language sql immutable parallel safe as $$ select interval '20 seconds' $$;

-- The member of a gate, in the form of run-machine's member list.
create function exosphere.gate_member(step int, path int[], origin int, key_round int, branch text) returns text language sql immutable as $$
  select '{"s":' || step || ',"p":[' || array_to_string(path, ',') || ']'
    || case when branch <> 'live' then ',"b":"' || branch || '"' else '' end
    || case when origin <> -1 then ',"o":' || origin else '' end
    || case when key_round <> 0 then ',"n":' || key_round else '' end
    || ',"g":1}'
$$;

create function exosphere.added(a int[], b int[]) returns int[] language sql immutable parallel safe as $$
  select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by n), '{}') from unnest(a, b) with ordinality as u (x, y, n)
$$;

-- Whether a gate may be decided under this control (rules 47 and 49).
create function exosphere.may_fire(control text, always boolean) returns boolean language sql immutable parallel safe as $$
  select control in ('go', 'paused') or (always and control in ('stopping', 'cancelling'))
$$;

-- Applies changes to gates, in the order given (which is that of their keys), and decides those that stand at 0 for the first time.
-- Answers with the members of the decided gates, one list per run, and counts items that came too late.
create function exosphere.apply_gates(
  p_run uuid[], p_step int[], p_path text[], p_origin int[], p_key_round int[], p_initial int[], p_open int[], p_tally text[],
  p_branch text[], p_always boolean[], p_late int[], p_slot int
) returns table (run uuid, members text, size int) language plpgsql as $$
#variable_conflict use_column
declare
  due record;
  below_zero record;
begin
  for due in
    with change as (
      select u.*, p.p from unnest(p_run, p_step, p_path, p_origin, p_key_round, p_initial, p_open, p_tally, p_branch, p_always, p_late)
        with ordinality as u (run, step, path, origin, key_round, initial, open, tally, branch, always, late, n),
        lateral (select u.path::int[] as p) p
    ), gate as (
      insert into exosphere.join_count as j (run, step, path, origin, key_round, initial, open, tally, branch)
      select run, step, p, origin, key_round, initial, initial + open, tally::int[], branch from change order by n
      on conflict (run, step, path, origin, key_round) do update
        set open = j.open + excluded.open - excluded.initial, tally = exosphere.added(j.tally, excluded.tally)
      returning run, step, path, origin, key_round, open, branch, decided_at
    ), late as (
      insert into exosphere.step_count as c (run, step, kind, slot, total)
      select g.run, g.step, 'late', p_slot, sum(ch.late) from gate g
      join change ch on ch.run = g.run and ch.step = g.step and ch.p = g.path and ch.origin = g.origin and ch.key_round = g.key_round
      where g.decided_at is not null and ch.late <> 0
      group by g.run, g.step order by g.run, g.step
      on conflict (run, step, kind, slot) do update set total = c.total + excluded.total
    )
    select g.run, array_agg(g.step order by ch.n) steps, array_agg(g.path::text order by ch.n) paths,
      array_agg(g.origin order by ch.n) origins, array_agg(g.key_round order by ch.n) key_rounds,
      bool_or(g.open < 0) below_zero
    from gate g
    join change ch on ch.run = g.run and ch.step = g.step and ch.p = g.path and ch.origin = g.origin and ch.key_round = g.key_round
    join exosphere.run r on r.id = g.run
    where g.open <= 0 and g.decided_at is null and exosphere.may_fire(r.control, ch.always)
    group by g.run
  loop
    if due.below_zero then
      raise exception 'a gate of run % has fewer than no executions before it', due.run using errcode = 'EXO09';
    end if;
    return query
      with decided as (
        update exosphere.join_count j set decided_at = now()
        from unnest(due.steps, due.paths, due.origins, due.key_rounds) with ordinality as u (step, path, origin, key_round, n)
        where j.run = due.run and j.step = u.step and j.path = u.path::int[] and j.origin = u.origin and j.key_round = u.key_round
          and j.decided_at is null
        returning u.n, exosphere.gate_member(j.step, j.path, j.origin, j.key_round, j.branch) as member
      )
      select due.run, '[' || string_agg(member, ',' order by n) || ']', count(*)::int from decided having count(*) > 0;
  end loop;
end $$;

-- Applies changes to gates, and makes one shard per run of those that are decided by it: held by the worker, or by nobody.
create function exosphere.fire_gates(
  p_queue text, p_worker uuid, p_priority bigint, p_slot int,
  g_run uuid[], g_step int[], g_path text[], g_origin int[], g_key_round int[], g_initial int[], g_open int[], g_tally text[],
  g_branch text[], g_always boolean[], g_late int[]
) returns table (id uuid, run uuid, members text, size int) language sql as $$
  insert into exosphere.shard (id, run, queue, members, size, epoch, owner, lease_until, look_at, priority)
  select uuidv7(), run, p_queue, members, size, case when p_worker is null then 0 else 1 end, p_worker,
    case when p_worker is not null then now() + exosphere.lease_time() end,
    now() + case when p_worker is null then interval '5 seconds' else exosphere.lease_time() end, p_priority
  from exosphere.apply_gates(g_run, g_step, g_path, g_origin, g_key_round, g_initial, g_open, g_tally, g_branch, g_always, g_late, p_slot)
  returning id, run, members, size
$$;

-- A kept shard is leased to the worker at once.
create function exosphere.make_shards(
  p_queue text, p_worker uuid, s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[],
  s_limit_step int[], s_limit_max int[], s_losses int[], s_keep boolean[]
) returns void language sql as $$
  insert into exosphere.shard (id, run, queue, members, size, epoch, owner, lease_until, due_at, look_at, priority, limit_step,
    limit_max, losses, permits)
  select u.id, u.run, p_queue, u.members, u.size, case when u.keep then 1 else 0 end, case when u.keep then p_worker end,
    case when u.keep then now() + exosphere.lease_time() end, case when not u.keep then u.due_at end,
    case when u.keep then now() + exosphere.lease_time() else coalesce(u.due_at, now() + interval '5 seconds') end,
    u.priority, u.limit_step, u.limit_max, u.losses, case when u.keep then least(u.limit_max, u.size) end
  from unnest(s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep)
    as u (id, run, members, size, due_at, priority, limit_step, limit_max, losses, keep)
$$;

-- Adds failures to what `tolerate` counts; a run that exceeds it is stopping from now on.
create function exosphere.count_failures(p_run uuid[], p_basis int[], p_add bigint[]) returns void language plpgsql as $$
declare
  exceeded uuid[];
begin
  with counted as (
    insert into exosphere.failure_count as f (run, basis, failed)
    select u.run, u.basis, u.add from unnest(p_run, p_basis, p_add) with ordinality as u (run, basis, add, n) order by n
    on conflict (run, basis) do update set failed = f.failed + excluded.failed
    returning run, failed, allowed
  )
  select array_agg(run) into exceeded from counted where failed > allowed;
  if exceeded is not null then
    update exosphere.run set control = 'stopping' where id = any (exceeded) and control in ('go', 'paused');
  end if;
end $$;

create function exosphere.count_steps(p_run uuid[], p_step int[], p_kind text[], p_add bigint[], p_slot int) returns void language sql as $$
  insert into exosphere.step_count as c (run, step, kind, slot, total)
  select u.run, u.step, u.kind, p_slot, u.add from unnest(p_run, p_step, p_kind, p_add) with ordinality as u (run, step, kind, add, n) order by n
  on conflict (run, step, kind, slot) do update set total = c.total + excluded.total
$$;

-- Records what a worker did, or nothing at all.
--
-- Locks in this order: shards, failure counts, run (only when it begins to stop), gates by key, step counts.
-- Errors: EXO01 stale shards, EXO02 blobs that are gone (both with their names as detail), EXO09 a fault of ours.
create function exosphere.commit_batch(
  p_slot int, p_queue text,
  -- the shards of the batch: those that stay, and those that are done
  k_id uuid[], k_epoch int[], k_members text[], k_size int[],
  d_id uuid[], d_epoch int[],
  -- ended executions
  e_run uuid[], e_step int[], e_path text[], e_origin int[], e_key_round int[], e_status text[], e_branch text[], e_round int[],
  e_attempts int[], e_retries int[], e_started_at timestamptz[], e_ended_at timestamptz[], e_output text[], e_objects int[],
  e_error text[], e_metrics text[], e_note text[], e_collected text[],
  -- chunks
  c_run uuid[], c_step int[], c_path text[], c_origin int[], c_key_round int[], c_first int[], c_count int[], c_objects text[],
  -- failed attempts
  a_run uuid[], a_step int[], a_path text[], a_origin int[], a_key_round int[], a_attempt int[], a_round int[],
  a_started_at timestamptz[], a_ended_at timestamptz[], a_error text[],
  -- logs
  l_run uuid[], l_records text[], l_count int[],
  -- blobs
  b_run uuid[], b_digest text[],
  -- failures
  f_run uuid[], f_basis int[], f_add bigint[],
  -- gates
  g_run uuid[], g_step int[], g_path text[], g_origin int[], g_key_round int[], g_initial int[], g_open int[], g_tally text[],
  g_branch text[], g_always boolean[], g_late int[],
  -- counts
  n_run uuid[], n_step int[], n_kind text[], n_add bigint[],
  -- new shards
  s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[], s_limit_step int[],
  s_limit_max int[], s_losses int[], s_keep boolean[],
  -- the answer: shards made of gates, runs without a shard, runs that may be without one, shards that wait for permits
  out fired text, out settled uuid[], out perhaps_settled uuid[], out waiting uuid[], out controls text, out at double precision
) language plpgsql as $$
#variable_conflict use_column
declare
  ids uuid[] := '{}';
  runs uuid[] := '{}';
  more_ids uuid[];
  left_runs uuid[];
  worker uuid;
  best_priority bigint;
  limit_runs uuid[];
  limit_steps int[];
  gone text[];
begin
  if k_id is not null then
    with fenced as (
      update exosphere.shard s set members = u.members, size = u.size
      from unnest(k_id, k_epoch, k_members, k_size) as u (id, epoch, members, size)
      where s.id = u.id and s.epoch = u.epoch and s.owner is not null
      returning s.id, s.run, s.owner, s.priority
    )
    select array_agg(id), array_agg(distinct run), min(owner::text)::uuid, min(priority)
    into ids, runs, worker, best_priority from fenced;
  end if;
  if d_id is not null then
    with fenced as (
      delete from exosphere.shard s using unnest(d_id, d_epoch) as u (id, epoch)
      where s.id = u.id and s.epoch = u.epoch and s.owner is not null
      returning s.id, s.run, s.owner, s.priority, s.limit_step, s.permits
    )
    select array_agg(id), array_agg(distinct run), coalesce(worker, min(owner::text)::uuid), least(best_priority, min(priority)),
      array_agg(run) filter (where permits is not null), array_agg(limit_step) filter (where permits is not null)
    into more_ids, left_runs, worker, best_priority, limit_runs, limit_steps from fenced;
    ids := ids || more_ids;
    runs := runs || left_runs;
  end if;
  if coalesce(cardinality(ids), 0) <> coalesce(cardinality(k_id), 0) + coalesce(cardinality(d_id), 0) then
    raise exception 'stale shards' using errcode = 'EXO01', detail =
      (select string_agg(id::text, ',') from unnest(k_id || d_id) as id where id <> all (coalesce(ids, '{}')));
  end if;

  if b_run is not null then
    select array_agg(distinct u.digest) into gone
    from unnest(b_run, b_digest) as u (run, digest) join exosphere.run r on r.id = u.run
    left join lateral (
      select 1 as there from exosphere.blob b where b.project = r.project and b.digest = u.digest for key share
    ) b on true
    where b.there is null;
    if gone is not null then
      raise exception 'blobs are gone' using errcode = 'EXO02', detail = array_to_string(gone, ',');
    end if;
    insert into exosphere.blob_ref (run, digest) select u.run, u.digest from unnest(b_run, b_digest) as u (run, digest)
    on conflict do nothing;
  end if;

  if e_run is not null then
    insert into exosphere.execution (run, step, path, origin, key_round, status, branch, round, attempts, retries, started_at,
      ended_at, output, objects, error, metrics, note, collected)
    select u.run, u.step, u.path::int[], u.origin, u.key_round, u.status, u.branch, u.round, u.attempts, u.retries, u.started_at,
      u.ended_at, u.output, u.objects, u.error, u.metrics, u.note, u.collected::int[]
    from unnest(e_run, e_step, e_path, e_origin, e_key_round, e_status, e_branch, e_round, e_attempts, e_retries, e_started_at,
      e_ended_at, e_output, e_objects, e_error, e_metrics, e_note, e_collected)
      as u (run, step, path, origin, key_round, status, branch, round, attempts, retries, started_at,
        ended_at, output, objects, error, metrics, note, collected);
  end if;
  if c_run is not null then
    insert into exosphere.item_chunk (run, step, path, origin, key_round, first, count, objects)
    select u.run, u.step, u.path::int[], u.origin, u.key_round, u.first, u.count, u.objects
    from unnest(c_run, c_step, c_path, c_origin, c_key_round, c_first, c_count, c_objects)
      as u (run, step, path, origin, key_round, first, count, objects);
  end if;
  if a_run is not null then
    insert into exosphere.attempt (run, step, path, origin, key_round, attempt, round, worker, started_at, ended_at, error)
    select u.run, u.step, u.path::int[], u.origin, u.key_round, u.attempt, u.round, worker, u.started_at, u.ended_at, u.error
    from unnest(a_run, a_step, a_path, a_origin, a_key_round, a_attempt, a_round, a_started_at, a_ended_at, a_error)
      as u (run, step, path, origin, key_round, attempt, round, started_at, ended_at, error);
  end if;
  if l_run is not null then
    insert into exosphere.log_chunk (run, part, records, count)
    select u.run, u.n, u.records, u.count from unnest(l_run, l_records, l_count) with ordinality as u (run, records, count, n);
  end if;

  if f_run is not null then
    perform exosphere.count_failures(f_run, f_basis, f_add);
  end if;
  if g_run is not null then
    select json_agg(json_build_array(id, run, members, size))::text into fired
    from exosphere.fire_gates(p_queue, worker, best_priority, p_slot, g_run, g_step, g_path, g_origin, g_key_round, g_initial, g_open,
      g_tally, g_branch, g_always, g_late);
  end if;
  if n_run is not null then
    perform exosphere.count_steps(n_run, n_step, n_kind, n_add, p_slot);
  end if;

  if s_id is not null then
    perform exosphere.make_shards(p_queue, worker, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
  end if;

  if left_runs is not null then
    select array_agg(r) filter (where left_over is null), array_agg(r) filter (where left_over is not null)
    into settled, perhaps_settled
    from unnest(left_runs) as r left join lateral (select 1 as left_over from exosphere.shard s where s.run = r limit 1) s on true;
  end if;
  if limit_runs is not null then
    select array_agg(s.id) into waiting
    from (select distinct run, limit_step from unnest(limit_runs, limit_steps) as u (run, limit_step)) u,
      lateral (select id from exosphere.shard s where s.run = u.run and s.limit_step = u.limit_step and s.owner is null
        and (s.due_at is null or s.due_at <= now()) order by s.priority, s.id limit 4) s;
  end if;
  select json_object_agg(r.id, r.control)::text into controls from exosphere.run r where r.id = any (runs);
  at := floor(extract(epoch from now()) * 1000);
end $$;
