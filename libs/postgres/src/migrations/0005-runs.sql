-- Rule 56: runs of a group are started and counted by one transaction at a time.
create function exosphere.lock_group(p_cluster text, p_group text) returns void language sql as $$
  select pg_advisory_xact_lock(hashtextextended(p_cluster || chr(10) || p_group, 2))
$$;

-- Lets waiting runs of a group go, in order, while there is room. Answers with them.
create function exosphere.start_next(p_cluster text, p_group text) returns uuid[] language plpgsql as $$
declare
  going int;
  candidate record;
  started uuid[] := '{}';
begin
  select count(*) into going from exosphere.run
  where cluster = p_cluster and concurrency_group = p_group and ended_at is null and not queued;
  for candidate in
    select id, concurrency_limit from exosphere.run
    where cluster = p_cluster and concurrency_group = p_group and ended_at is null and queued
      and control not in ('cancelling', 'cancelling-all')
    order by number for update
  loop
    exit when going >= candidate.concurrency_limit;
    update exosphere.run set queued = false where id = candidate.id;
    started := started || candidate.id;
    going := going + 1;
  end loop;
  return started;
end $$;

-- Makes a run with its first shards, or none where rule 56 says `skip`.
-- Error EXO03: the revision is not known and no plan was given.
create function exosphere.create_run(
  p_id uuid, p_project text, p_cluster text, p_digest text, p_plan text, p_source text, p_environment text, p_trigger text, p_inputs text,
  p_items int, p_sla interval, p_group text, p_limit int, p_on_conflict text, p_logs text, p_origin text, p_queue text,
  c_first int[], c_count int[], c_objects text[],
  s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[], s_limit_step int[],
  s_limit_max int[], s_losses int[], s_keep boolean[],
  g_run uuid[], g_step int[], g_path text[], g_origin int[], g_key_round int[], g_initial int[], g_open int[], g_tally text[],
  g_branch text[], g_always boolean[], g_late int[],
  f_basis int[], f_allowed bigint[],
  out run_number bigint, out is_queued boolean, out in_the_way uuid[], out to_cancel uuid[], out fired uuid[], out at double precision
) language plpgsql as $$
#variable_conflict use_column
declare
  others uuid[];
begin
  at := floor(extract(epoch from now()) * 1000);
  is_queued := false;
  insert into exosphere.project (name) values (p_project) on conflict do nothing;
  insert into exosphere.cluster (id, project) values (p_cluster, p_project) on conflict do nothing;
  if p_plan is not null then
    insert into exosphere.revision (digest, cluster, plan, source) values (p_digest, p_cluster, p_plan, p_source) on conflict do nothing;
  elsif not exists (select 1 from exosphere.revision where digest = p_digest) then
    raise exception 'revision % is not known', p_digest using errcode = 'EXO03';
  end if;

  if p_group is not null then
    perform exosphere.lock_group(p_cluster, p_group);
    select coalesce(array_agg(id order by number), '{}') into others from exosphere.run
    where cluster = p_cluster and concurrency_group = p_group and ended_at is null and control not in ('cancelling', 'cancelling-all');
    is_queued := (select count(*) from exosphere.run where cluster = p_cluster and concurrency_group = p_group and ended_at is null
      and (not queued or control not in ('cancelling', 'cancelling-all'))) >= p_limit;
    if is_queued and p_on_conflict = 'skip' then
      in_the_way := (select array_agg(id order by number) from exosphere.run
        where cluster = p_cluster and concurrency_group = p_group and ended_at is null);
      insert into exosphere.event (project, cluster, kind, detail)
      values (p_project, p_cluster, 'run-skipped', json_build_object('group', p_group, 'because', in_the_way, 'trigger', p_trigger::json)::text);
      return;
    end if;
    if p_on_conflict = 'cancel-running' and cardinality(others) >= p_limit then
      to_cancel := others[1 : cardinality(others) - p_limit + 1];
    end if;
  end if;

  update exosphere.cluster set run_count = run_count + 1 where id = p_cluster returning run_count into run_number;
  insert into exosphere.run (id, number, project, cluster, revision, environment, trigger, inputs, items, deadline, logs, origin, queue,
    concurrency_group, concurrency_limit, queued)
  values (p_id, run_number, p_project, p_cluster, p_digest, p_environment, p_trigger, p_inputs, p_items, now() + p_sla, p_logs, p_origin,
    p_queue, p_group, p_limit, is_queued);
  insert into exosphere.item_chunk (run, step, path, origin, key_round, first, count, objects)
  select p_id, -1, '{}', -1, 0, u.first, u.count, u.objects from unnest(c_first, c_count, c_objects) as u (first, count, objects);
  insert into exosphere.failure_count (run, basis, allowed)
  select p_id, u.basis, u.allowed from unnest(f_basis, f_allowed) as u (basis, allowed);
  perform exosphere.make_shards(p_queue, null, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
  if g_run is not null then
    select array_agg(id) into fired from exosphere.fire_gates(p_queue, null, extract(epoch from now() + p_sla)::bigint, 0, g_run, g_step,
      g_path, g_origin, g_key_round, g_initial, g_open, g_tally, g_branch, g_always, g_late);
  end if;
end $$;

create function exosphere.control_rank(control text) returns int language sql immutable parallel safe as $$
  select case control when 'stopping' then 1 when 'cancelling' then 2 when 'cancelling-all' then 3 else 0 end
$$;

-- Ends a run without a shard. Answers null if it has one or has ended, else the runs of its group that go now.
create function exosphere.end_run(p_id uuid, p_status text, p_reason text) returns uuid[] language plpgsql as $$
declare
  ended exosphere.run;
  grouped record;
begin
  select cluster, concurrency_group as name into grouped from exosphere.run where id = p_id;
  if grouped.name is not null then
    perform exosphere.lock_group(grouped.cluster, grouped.name);
  end if;
  perform from exosphere.run where id = p_id for update;
  -- a statement of its own: it sees what was committed while this one waited
  update exosphere.run set status = p_status, reason = p_reason, ended_at = now(), queued = false
  where id = p_id and ended_at is null and not exists (select 1 from exosphere.shard s where s.run = p_id)
  returning * into ended;
  if not found then
    return null;
  end if;
  if grouped.name is null then
    return '{}';
  end if;
  return exosphere.start_next(grouped.cluster, grouped.name);
end $$;

-- Adds the shards of a `per: run` chain to a run that has none left.
create function exosphere.add_shards(
  p_id uuid,
  s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[], s_limit_step int[],
  s_limit_max int[], s_losses int[], s_keep boolean[],
  g_run uuid[], g_step int[], g_path text[], g_origin int[], g_key_round int[], g_initial int[], g_open int[], g_tally text[],
  g_branch text[], g_always boolean[], g_late int[],
  out added boolean, out fired uuid[]
) language plpgsql as $$
#variable_conflict use_column
declare
  open_run exosphere.run;
begin
  perform from exosphere.run where id = p_id for update;
  update exosphere.run r set run_chain_round = r.round
  where r.id = p_id and r.ended_at is null and r.run_chain_round is distinct from r.round
    and not exists (select 1 from exosphere.shard s where s.run = p_id)
  returning * into open_run;
  added := found;
  if not added then
    return;
  end if;
  perform exosphere.make_shards(open_run.queue, null, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
  if g_run is not null then
    select array_agg(id) into fired from exosphere.fire_gates(open_run.queue, null, extract(epoch from open_run.deadline)::bigint, 0, g_run,
      g_step, g_path, g_origin, g_key_round, g_initial, g_open, g_tally, g_branch, g_always, g_late);
  end if;
end $$;

-- Opens a round on an ended run. Error EXO04: the run is not in the round before, or has not ended.
create function exosphere.reopen_run(
  p_id uuid, p_round int, p_sla interval,
  x_step int[], x_path text[], x_origin int[], x_key_round int[],
  y_step int[], y_path text[], y_origin int[], y_key_round int[],
  f_run uuid[], f_basis int[], f_add bigint[],
  n_run uuid[], n_step int[], n_kind text[], n_add bigint[],
  s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[], s_limit_step int[],
  s_limit_max int[], s_losses int[], s_keep boolean[],
  g_run uuid[], g_step int[], g_path text[], g_origin int[], g_key_round int[], g_initial int[], g_open int[], g_tally text[],
  g_branch text[], g_always boolean[], g_late int[],
  out is_queued boolean, out fired uuid[]
) language plpgsql as $$
#variable_conflict use_column
declare
  reopened exosphere.run;
  standing_priority bigint := extract(epoch from now() + p_sla)::bigint;
  standing uuid[];
begin
  select * into reopened from exosphere.run where id = p_id;
  if reopened.concurrency_group is not null then
    perform exosphere.lock_group(reopened.cluster, reopened.concurrency_group);
    is_queued := (select count(*) from exosphere.run where cluster = reopened.cluster and concurrency_group = reopened.concurrency_group
      and ended_at is null) >= reopened.concurrency_limit;
  end if;
  is_queued := coalesce(is_queued, false);
  update exosphere.run set round = p_round, status = 'running', control = 'go', ended_at = null, reason = null, deadline = now() + p_sla,
    queued = is_queued, logs = case when logs = 'none' then 'none' else 'pending' end
  where id = p_id and round = p_round - 1 and ended_at is not null;
  if not found then
    raise exception 'run % is not in round % or has not ended', p_id, p_round - 1 using errcode = 'EXO04';
  end if;

  delete from exosphere.execution e using unnest(x_step, x_path, x_origin, x_key_round) as u (step, path, origin, key_round)
  where e.run = p_id and e.step = u.step and e.path = u.path::int[] and e.origin = u.origin and e.key_round = u.key_round;
  delete from exosphere.join_count j using unnest(y_step, y_path, y_origin, y_key_round) as u (step, path, origin, key_round)
  where j.run = p_id and j.step = u.step and j.path = u.path::int[] and j.origin = u.origin and j.key_round = u.key_round;
  update exosphere.join_count j set decided_at = null
  where j.run = p_id and j.branch = 'live' and j.decided_at is not null and not exists (
    select 1 from exosphere.execution e
    where e.run = p_id and e.step = j.step and e.path = j.path and e.origin = j.origin and e.key_round = j.key_round);
  if f_run is not null then
    perform exosphere.count_failures(f_run, f_basis, f_add);
  end if;
  if g_run is not null then
    select array_agg(id) into fired from exosphere.fire_gates(reopened.queue, null, standing_priority, 0, g_run, g_step, g_path, g_origin,
      g_key_round, g_initial, g_open, g_tally, g_branch, g_always, g_late);
  end if;
  -- those that stand at 0 without a change: taken back to undecided above, or never asked because the run was ending
  with decided as (
    update exosphere.join_count set decided_at = now() where run = p_id and open = 0 and decided_at is null
    returning step, path, origin, key_round, branch
  ), made as (
    insert into exosphere.shard (id, run, queue, members, size, look_at, priority)
    select uuidv7(), p_id, reopened.queue,
      '[' || string_agg(exosphere.gate_member(step, path, origin, key_round, branch), ',' order by step, path, origin, key_round) || ']',
      count(*), now() + interval '5 seconds', standing_priority
    from decided having count(*) > 0
    returning id
  )
  select array_agg(id) into standing from made;
  fired := fired || standing;
  if n_run is not null then
    perform exosphere.count_steps(n_run, n_step, n_kind, n_add, 0);
  end if;
  perform exosphere.make_shards(reopened.queue, null, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
end $$;
