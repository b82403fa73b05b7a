-- What the migrations make. Written by the test that compares it: vitest -u.

create table exosphere.attempt (
  run uuid not null,
  step integer not null,
  path integer[] not null,
  origin integer not null,
  key_round integer not null,
  attempt integer not null,
  round integer not null,
  worker uuid,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  error text not null
) partition by range (run);

create table exosphere.blob (
  project text not null,
  digest text not null,
  size bigint not null,
  host text,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null default (now() + '24:00:00'::interval)
);

create table exosphere.blob_ref (
  run uuid not null,
  digest text not null
) partition by range (run);

create table exosphere.chore (
  name text not null,
  done_at timestamp with time zone not null
);

create table exosphere.cluster (
  id text not null,
  project text not null,
  run_count bigint not null default 0,
  created_at timestamp with time zone not null default now()
) with (fillfactor=50);

create table exosphere.environment (
  project text not null,
  name text not null,
  vars text not null default '{}'::text,
  updated_at timestamp with time zone not null default now()
);

create table exosphere.event (
  id uuid not null default uuidv7(),
  project text not null,
  cluster text,
  kind text not null,
  detail text not null,
  at timestamp with time zone not null default now()
);

create table exosphere.execution (
  run uuid not null,
  step integer not null,
  path integer[] not null,
  origin integer not null,
  key_round integer not null,
  status text not null,
  branch text not null,
  round integer not null,
  attempts integer not null,
  retries integer not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone not null,
  output text,
  objects integer not null,
  error text,
  metrics text,
  note text,
  collected integer[]
) partition by range (run);

create table exosphere.failure_count (
  run uuid not null,
  basis integer not null,
  failed bigint not null default 0,
  allowed bigint
) with (fillfactor=50);

create table exosphere.item_chunk (
  run uuid not null,
  step integer not null,
  path integer[] not null,
  origin integer not null,
  key_round integer not null,
  first integer not null,
  count integer not null,
  objects text not null
) partition by range (run);

create table exosphere.join_count (
  run uuid not null,
  step integer not null,
  path integer[] not null,
  origin integer not null,
  key_round integer not null,
  initial integer not null,
  open integer not null,
  tally integer[] not null,
  branch text not null,
  decided_at timestamp with time zone
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=1);

create table exosphere.log_chunk (
  run uuid not null,
  written_by xid8 not null default pg_current_xact_id(),
  part integer not null,
  count integer not null,
  records text not null,
  at timestamp with time zone not null default now()
) partition by range (run);

create table exosphere.log_forwarding (
  run uuid not null,
  owner uuid not null,
  lease_until timestamp with time zone not null
) with (fillfactor=70);

create table exosphere.log_sink (
  run uuid not null,
  sink text not null,
  written_by xid8 not null default '0'::xid8,
  part integer not null default 0,
  status text not null default 'pending'::text,
  failing_since timestamp with time zone,
  error text
) with (fillfactor=70);

create table exosphere.migration (
  name text not null,
  digest text not null,
  applied_at timestamp with time zone not null default now()
);

create table exosphere.project (
  name text not null,
  retention interval not null default '30 days'::interval,
  created_at timestamp with time zone not null default now()
);

create table exosphere.rate_use (
  cluster text not null,
  step text not null,
  key text not null,
  expires_at timestamp with time zone not null,
  starts integer not null
) with (autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=1);

create table exosphere.revision (
  digest text not null,
  cluster text not null,
  plan text not null,
  source text,
  created_at timestamp with time zone not null default now()
);

create table exosphere.run (
  id uuid not null,
  number bigint not null,
  project text not null,
  cluster text not null,
  revision text not null,
  environment text,
  status text not null default 'pending'::text,
  control text not null default 'go'::text,
  round integer not null default 1,
  trigger text not null,
  inputs text not null,
  items integer not null,
  accepted_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  deadline timestamp with time zone not null,
  ended_at timestamp with time zone,
  logs text not null,
  reason text,
  origin text,
  queue text not null,
  concurrency_group text,
  concurrency_limit integer,
  queued boolean not null default false,
  run_chain_round integer,
  missed_round integer
) with (fillfactor=70);

create table exosphere.secret (
  project text not null,
  scope text not null,
  name text not null,
  sealed bytea not null,
  updated_at timestamp with time zone not null default now()
);

create table exosphere.shard (
  id uuid not null,
  run uuid not null,
  queue text not null,
  members text not null,
  size integer not null,
  epoch integer not null default 0,
  owner uuid,
  lease_until timestamp with time zone,
  losses integer not null default 0,
  due_at timestamp with time zone,
  look_at timestamp with time zone not null default now(),
  priority bigint not null,
  limit_step integer,
  limit_max integer,
  permits integer,
  running text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  waits jsonb
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=1);

create table exosphere.step_count (
  run uuid not null,
  step integer not null,
  kind text not null,
  slot integer not null,
  total bigint not null
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=1);

alter table exosphere.attempt add constraint attempt_pkey PRIMARY KEY (run, step, path, origin, key_round, attempt);

alter table exosphere.blob add constraint blob_pkey PRIMARY KEY (project, digest);

alter table exosphere.blob_ref add constraint blob_ref_pkey PRIMARY KEY (run, digest);

alter table exosphere.chore add constraint chore_pkey PRIMARY KEY (name);

alter table exosphere.cluster add constraint cluster_pkey PRIMARY KEY (id);

alter table exosphere.cluster add constraint cluster_project_fkey FOREIGN KEY (project) REFERENCES project(name);

alter table exosphere.environment add constraint environment_pkey PRIMARY KEY (project, name);

alter table exosphere.environment add constraint environment_project_fkey FOREIGN KEY (project) REFERENCES project(name);

alter table exosphere.event add constraint event_pkey PRIMARY KEY (id);

alter table exosphere.event add constraint event_project_fkey FOREIGN KEY (project) REFERENCES project(name);

alter table exosphere.execution add constraint execution_pkey PRIMARY KEY (run, step, path, origin, key_round);

alter table exosphere.failure_count add constraint failure_count_pkey PRIMARY KEY (run, basis);

alter table exosphere.item_chunk add constraint item_chunk_pkey PRIMARY KEY (run, step, path, origin, key_round, first);

alter table exosphere.join_count add constraint join_count_pkey PRIMARY KEY (run, step, path, origin, key_round);

alter table exosphere.log_chunk add constraint log_chunk_pkey PRIMARY KEY (run, written_by, part);

alter table exosphere.log_forwarding add constraint log_forwarding_pkey PRIMARY KEY (run);

alter table exosphere.log_sink add constraint log_sink_pkey PRIMARY KEY (run, sink);

alter table exosphere.log_sink add constraint log_sink_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'given-up'::text])));

alter table exosphere.migration add constraint migration_pkey PRIMARY KEY (name);

alter table exosphere.project add constraint project_pkey PRIMARY KEY (name);

alter table exosphere.revision add constraint revision_pkey PRIMARY KEY (digest);

alter table exosphere.revision add constraint revision_cluster_fkey FOREIGN KEY (cluster) REFERENCES cluster(id);

alter table exosphere.run add constraint run_cluster_number_key UNIQUE (cluster, number);

alter table exosphere.run add constraint run_pkey PRIMARY KEY (id);

alter table exosphere.run add constraint run_cluster_fkey FOREIGN KEY (cluster) REFERENCES cluster(id);

alter table exosphere.run add constraint run_revision_fkey FOREIGN KEY (revision) REFERENCES revision(digest);

alter table exosphere.run add constraint run_control_check CHECK ((control = ANY (ARRAY['go'::text, 'paused'::text, 'stopping'::text, 'overdue'::text, 'cancelling'::text, 'overdue-all'::text, 'cancelling-all'::text])));

alter table exosphere.run add constraint run_logs_check CHECK ((logs = ANY (ARRAY['none'::text, 'pending'::text, 'delivered'::text, 'given-up'::text])));

alter table exosphere.run add constraint run_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'partial'::text, 'failed'::text, 'cancelled'::text])));

alter table exosphere.secret add constraint secret_pkey PRIMARY KEY (project, scope, name);

alter table exosphere.secret add constraint secret_project_fkey FOREIGN KEY (project) REFERENCES project(name);

alter table exosphere.shard add constraint shard_pkey PRIMARY KEY (id);

alter table exosphere.step_count add constraint step_count_pkey PRIMARY KEY (run, step, kind, slot);

CREATE INDEX blob_expiring ON exosphere.blob USING btree (expires_at);

CREATE INDEX blob_ref_by_digest ON ONLY exosphere.blob_ref USING btree (digest);

CREATE INDEX event_by_project ON exosphere.event USING btree (project, at DESC);

CREATE INDEX execution_not_well ON ONLY exosphere.execution USING btree (run, step, path, origin, key_round) WHERE ((status = ANY (ARRAY['failed'::text, 'cancelled'::text])) OR (branch <> 'live'::text));

CREATE INDEX rate_use_by_key ON exosphere.rate_use USING btree (cluster, step, key, expires_at);

CREATE INDEX run_by_deadline ON exosphere.run USING btree (deadline) WHERE (ended_at IS NULL);

CREATE INDEX run_by_project ON exosphere.run USING btree (project, id DESC);

CREATE INDEX run_ending ON exosphere.run USING btree (id) WHERE ((ended_at IS NULL) AND (control <> ALL (ARRAY['go'::text, 'paused'::text])));

CREATE INDEX run_open ON exosphere.run USING btree (cluster, concurrency_group, number) WHERE (ended_at IS NULL);

CREATE INDEX run_with_logs ON exosphere.run USING btree (id) WHERE (logs = 'pending'::text);

CREATE INDEX shard_by_run ON exosphere.shard USING btree (run);

CREATE INDEX shard_delayed ON exosphere.shard USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX shard_limited ON exosphere.shard USING btree (run, limit_step) WHERE (limit_step IS NOT NULL);

CREATE INDEX shard_to_look_at ON exosphere.shard USING btree (look_at);

CREATE INDEX shard_waiting ON exosphere.shard USING btree (run) WHERE (waits IS NOT NULL);

CREATE OR REPLACE FUNCTION exosphere.add_record(p_run uuid, p_record text)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into exosphere.log_chunk (run, part, count, records) values (p_run, 0, 1, '[' || p_record || ']')
$function$
;

CREATE OR REPLACE FUNCTION exosphere.add_shards(p_id uuid, s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[], g_run uuid[], g_step integer[], g_path text[], g_origin integer[], g_key_round integer[], g_initial integer[], g_open integer[], g_tally text[], g_branch text[], g_always boolean[], g_late integer[], OUT added boolean, OUT fired uuid[])
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.added(a integer[], b integer[])
 RETURNS integer[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by n), '{}') from unnest(a, b) with ordinality as u (x, y, n)
$function$
;

CREATE OR REPLACE FUNCTION exosphere.apply_gates(p_run uuid[], p_step integer[], p_path text[], p_origin integer[], p_key_round integer[], p_initial integer[], p_open integer[], p_tally text[], p_branch text[], p_always boolean[], p_late integer[], p_slot integer)
 RETURNS TABLE(run uuid, members text, size integer)
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.commit_batch(p_slot integer, p_queue text, k_id uuid[], k_epoch integer[], k_members text[], k_size integer[], d_id uuid[], d_epoch integer[], e_run uuid[], e_step integer[], e_path text[], e_origin integer[], e_key_round integer[], e_status text[], e_branch text[], e_round integer[], e_attempts integer[], e_retries integer[], e_started_at timestamp with time zone[], e_ended_at timestamp with time zone[], e_output text[], e_objects integer[], e_error text[], e_metrics text[], e_note text[], e_collected text[], c_run uuid[], c_step integer[], c_path text[], c_origin integer[], c_key_round integer[], c_first integer[], c_count integer[], c_objects text[], a_run uuid[], a_step integer[], a_path text[], a_origin integer[], a_key_round integer[], a_attempt integer[], a_round integer[], a_started_at timestamp with time zone[], a_ended_at timestamp with time zone[], a_error text[], l_run uuid[], l_records text[], l_count integer[], b_run uuid[], b_digest text[], f_run uuid[], f_basis integer[], f_add bigint[], g_run uuid[], g_step integer[], g_path text[], g_origin integer[], g_key_round integer[], g_initial integer[], g_open integer[], g_tally text[], g_branch text[], g_always boolean[], g_late integer[], n_run uuid[], n_step integer[], n_kind text[], n_add bigint[], s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[], OUT fired text, OUT settled uuid[], OUT perhaps_settled uuid[], OUT waiting uuid[], OUT controls text, OUT at double precision)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.control_rank(control text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case control when 'stopping' then 1 when 'overdue' then 2 when 'cancelling' then 3 when 'overdue-all' then 4
    when 'cancelling-all' then 5 else 0 end
$function$
;

CREATE OR REPLACE FUNCTION exosphere.count_failures(p_run uuid[], p_basis integer[], p_add bigint[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.count_steps(p_run uuid[], p_step integer[], p_kind text[], p_add bigint[], p_slot integer)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into exosphere.step_count as c (run, step, kind, slot, total)
  select u.run, u.step, u.kind, p_slot, u.add from unnest(p_run, p_step, p_kind, p_add) with ordinality as u (run, step, kind, add, n) order by n
  on conflict (run, step, kind, slot) do update set total = c.total + excluded.total
$function$
;

CREATE OR REPLACE FUNCTION exosphere.create_run(p_id uuid, p_project text, p_cluster text, p_digest text, p_plan text, p_source text, p_environment text, p_trigger text, p_inputs text, p_items integer, p_sla interval, p_group text, p_limit integer, p_on_conflict text, p_logs text, p_origin text, p_queue text, c_first integer[], c_count integer[], c_objects text[], s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[], g_run uuid[], g_step integer[], g_path text[], g_origin integer[], g_key_round integer[], g_initial integer[], g_open integer[], g_tally text[], g_branch text[], g_always boolean[], g_late integer[], f_basis integer[], f_allowed bigint[], OUT run_number bigint, OUT is_queued boolean, OUT in_the_way uuid[], OUT to_cancel uuid[], OUT fired uuid[], OUT at double precision)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.day_start(day date)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$
  select (lpad(to_hex((day - date '1970-01-01')::bigint * 86400000), 12, '0') || repeat('0', 20))::uuid
$function$
;

CREATE OR REPLACE FUNCTION exosphere.end_run(p_id uuid, p_status text, p_reason text, p_record text)
 RETURNS uuid[]
 LANGUAGE plpgsql
AS $function$
declare
  ended exosphere.run;
  seen record;
begin
  select cluster, concurrency_group as name, run_chain_round into seen from exosphere.run where id = p_id;
  if seen.name is not null then
    perform exosphere.lock_group(seen.cluster, seen.name);
  end if;
  if exists (select 1 from exosphere.shard s where s.run = p_id) then
    return null;
  end if;
  perform from exosphere.run where id = p_id for update;
  -- a statement of its own: it sees what was committed while this one waited
  update exosphere.run set status = p_status, reason = p_reason, ended_at = now(), queued = false
  where id = p_id and ended_at is null and run_chain_round is not distinct from seen.run_chain_round
    and not exists (select 1 from exosphere.shard s where s.run = p_id)
  returning * into ended;
  if not found then
    return null;
  end if;
  if p_record is not null then
    perform exosphere.add_record(p_id, p_record);
  end if;
  if seen.name is null then
    return '{}';
  end if;
  return exosphere.start_next(seen.cluster, seen.name);
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.fire_gates(p_queue text, p_worker uuid, p_priority bigint, p_slot integer, g_run uuid[], g_step integer[], g_path text[], g_origin integer[], g_key_round integer[], g_initial integer[], g_open integer[], g_tally text[], g_branch text[], g_always boolean[], g_late integer[])
 RETURNS TABLE(id uuid, run uuid, members text, size integer)
 LANGUAGE sql
AS $function$
  insert into exosphere.shard (id, run, queue, members, size, epoch, owner, lease_until, look_at, priority)
  select uuidv7(), run, p_queue, members, size, case when p_worker is null then 0 else 1 end, p_worker,
    case when p_worker is not null then now() + exosphere.lease_time() end,
    now() + case when p_worker is null then interval '5 seconds' else exosphere.lease_time() end, p_priority
  from exosphere.apply_gates(g_run, g_step, g_path, g_origin, g_key_round, g_initial, g_open, g_tally, g_branch, g_always, g_late, p_slot)
  returning id, run, members, size
$function$
;

CREATE OR REPLACE FUNCTION exosphere.gate_member(step integer, path integer[], origin integer, key_round integer, branch text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select '{"s":' || step || ',"p":[' || array_to_string(path, ',') || ']'
    || case when branch <> 'live' then ',"b":"' || branch || '"' else '' end
    || case when origin <> -1 then ',"o":' || origin else '' end
    || case when key_round <> 0 then ',"n":' || key_round else '' end
    || ',"g":1}'
$function$
;

CREATE OR REPLACE FUNCTION exosphere.lease_shards(p_worker uuid, p_ids uuid[])
 RETURNS TABLE(id uuid, run uuid, members text, size integer, epoch integer, losses integer, permits integer, limit_step integer, limit_max integer, priority bigint, waits jsonb)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  -- permits of one step are given out by one claim at a time
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended(s.run::text || s.limit_step, 1) as key
    from exosphere.shard s where s.id = any (p_ids) and s.limit_step is not null order by 1
  ) k;
  return query
    with ready as (
      select s.id, s.run, s.limit_step, s.limit_max, s.size, s.priority
      from exosphere.shard s join exosphere.run r on r.id = s.run
      where s.id = any (p_ids) and (s.owner is null or s.lease_until < now()) and (s.due_at is null or s.due_at <= now())
        and exosphere.may_go(r)
      order by s.id for update of s
    ), granted as (
      select ready.id, case when ready.limit_step is not null then least(ready.size,
          ready.limit_max - used.permits - coalesce(sum(ready.size) over (partition by ready.run, ready.limit_step
            order by ready.priority, ready.id rows between unbounded preceding and 1 preceding), 0))::int end as permits
      from ready left join lateral (
        select coalesce(sum(x.permits), 0) as permits from exosphere.shard x
        where x.run = ready.run and x.limit_step = ready.limit_step and x.owner is not null and x.lease_until >= now()
      ) used on ready.limit_step is not null
    ), leased as (
      update exosphere.shard s set owner = p_worker, epoch = s.epoch + 1, lease_until = now() + exosphere.lease_time(),
        look_at = now() + exosphere.lease_time(), losses = s.losses + case when s.owner is null then 0 else 1 end,
        due_at = null, running = '', permits = granted.permits
      from granted where s.id = granted.id and (granted.permits is null or granted.permits > 0)
      returning s.id, s.run, s.members, s.size, s.epoch, s.losses, s.permits, s.limit_step, s.limit_max, s.priority, s.waits
    ), begun as (
      update exosphere.run r set status = 'running', started_at = now()
      where r.status = 'pending' and r.id in (select run from leased)
    )
    select * from leased order by priority, id;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.lease_time()
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select interval '20 seconds' $function$
;

CREATE OR REPLACE FUNCTION exosphere.lock_group(p_cluster text, p_group text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_advisory_xact_lock(hashtextextended(p_cluster || chr(10) || p_group, 2))
$function$
;

CREATE OR REPLACE FUNCTION exosphere.make_partitions(day date)
 RETURNS void
 LANGUAGE plpgsql
 STRICT
AS $function$
declare
  parent text;
  child text;
begin
  if to_regclass(format('exosphere.blob_ref_%s', to_char(day, 'YYYYMMDD'))) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('exosphere partitions', 0));
  foreach parent in array array['execution', 'item_chunk', 'attempt', 'log_chunk', 'blob_ref'] loop
    child := parent || '_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('exosphere.' || child) is not null;
    execute format('create table exosphere.%I (like exosphere.%I including defaults) with (autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.2)', child, parent);
    execute format('alter table exosphere.%I attach partition exosphere.%I for values from (%L) to (%L)',
      parent, child, exosphere.day_start(day), exosphere.day_start(day + 1));
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.make_shards(p_queue text, p_worker uuid, s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[])
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into exosphere.shard (id, run, queue, members, size, epoch, owner, lease_until, due_at, look_at, priority, limit_step,
    limit_max, losses, permits)
  select u.id, u.run, p_queue, u.members, u.size, case when u.keep then 1 else 0 end, case when u.keep then p_worker end,
    case when u.keep then now() + exosphere.lease_time() end, case when not u.keep then u.due_at end,
    case when u.keep then now() + exosphere.lease_time() else coalesce(u.due_at, now() + interval '5 seconds') end,
    u.priority, u.limit_step, u.limit_max, u.losses, case when u.keep then least(u.limit_max, u.size) end
  from unnest(s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep)
    as u (id, run, members, size, due_at, priority, limit_step, limit_max, losses, keep)
$function$
;

CREATE OR REPLACE FUNCTION exosphere.may_fire(control text, always boolean)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select control in ('go', 'paused') or (always and control not in ('overdue-all', 'cancelling-all'))
$function$
;

CREATE OR REPLACE FUNCTION exosphere.may_go(r run)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select r.ended_at is null and r.control <> 'paused' and (not r.queued or r.control not in ('go', 'stopping'))
$function$
;

CREATE OR REPLACE FUNCTION exosphere.miss_deadline(p_id uuid, p_control text, p_record text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  raised text;
begin
  update exosphere.run set missed_round = round,
    control = case when exosphere.control_rank(p_control) > exosphere.control_rank(control) then p_control else control end
  where id = p_id and ended_at is null and missed_round is distinct from round
  returning control into raised;
  if found then
    perform exosphere.add_record(p_id, p_record);
  end if;
  return raised;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.note_waits(p_id uuid, p_epoch integer, p_waits jsonb, p_wait jsonb, p_record text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  held exosphere.shard;
begin
  select * into held from exosphere.shard where id = p_id and epoch = p_epoch and owner is not null for update;
  if not found then
    return false;
  end if;
  if p_record is not null then
    -- whoever finds the same reason at the same time waits here, and then sees it told
    perform pg_advisory_xact_lock(hashtextextended(held.run::text || p_wait::text, 4));
    if not exists (select 1 from exosphere.shard s where s.run = held.run and s.waits @> p_wait) then
      perform exosphere.add_record(held.run, p_record);
    end if;
  end if;
  update exosphere.shard set waits = p_waits where id = p_id;
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.reopen_run(p_id uuid, p_round integer, p_sla interval, x_step integer[], x_path text[], x_origin integer[], x_key_round integer[], y_step integer[], y_path text[], y_origin integer[], y_key_round integer[], f_run uuid[], f_basis integer[], f_add bigint[], n_run uuid[], n_step integer[], n_kind text[], n_add bigint[], s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[], g_run uuid[], g_step integer[], g_path text[], g_origin integer[], g_key_round integer[], g_initial integer[], g_open integer[], g_tally text[], g_branch text[], g_always boolean[], g_late integer[], OUT is_queued boolean, OUT fired uuid[])
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.split_shard(p_id uuid, p_epoch integer, p_members text, p_size integer, s_id uuid[], s_run uuid[], s_members text[], s_size integer[], s_due_at timestamp with time zone[], s_priority bigint[], s_limit_step integer[], s_limit_max integer[], s_losses integer[], s_keep boolean[])
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  held exosphere.shard;
begin
  update exosphere.shard set members = p_members, size = p_size where id = p_id and epoch = p_epoch and owner is not null
  returning * into held;
  if not found then
    return false;
  end if;
  perform exosphere.make_shards(held.queue, held.owner, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.start_next(p_cluster text, p_group text)
 RETURNS uuid[]
 LANGUAGE plpgsql
AS $function$
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
      and control in ('go', 'paused', 'stopping')
    order by number for update
  loop
    exit when going >= candidate.concurrency_limit;
    update exosphere.run set queued = false where id = candidate.id;
    started := started || candidate.id;
    going := going + 1;
  end loop;
  return started;
end $function$
;

CREATE OR REPLACE FUNCTION exosphere.take_rate(p_cluster text, p_step text, p_key text, p_limit integer, p_per interval, p_want integer, OUT granted integer, OUT next_at double precision)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  at timestamptz;
  used int;
  oldest timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), p_cluster, p_step, p_key), 3));
  at := clock_timestamp();
  delete from exosphere.rate_use where cluster = p_cluster and step = p_step and key = p_key and expires_at <= at;
  select coalesce(sum(starts), 0), min(expires_at) into used, oldest
  from exosphere.rate_use where cluster = p_cluster and step = p_step and key = p_key;
  granted := greatest(0, least(p_want, p_limit - used));
  if granted > 0 then
    insert into exosphere.rate_use (cluster, step, key, expires_at, starts) values (p_cluster, p_step, p_key, at + p_per, granted);
  end if;
  next_at := ceil(extract(epoch from case when granted = p_want then at else coalesce(oldest, at + p_per) end) * 1000);
end $function$
;
