-- The tables that are the truth. pg-boss has a schema of its own and delivers wake-ups only.
--
-- Times are those of the database. JSON is kept as text: its key order is the user's, and nobody queries inside it.
-- Hot tables have room in their pages, so that an update needs no new index entry.

create table exosphere.project (
  name text primary key,
  -- How long an ended run is kept.
  retention interval not null default '30 days',
  created_at timestamptz not null default now()
);

create table exosphere.cluster (
  -- project/name
  id text primary key,
  project text not null references exosphere.project (name),
  -- The number of its newest run.
  run_count bigint not null default 0,
  created_at timestamptz not null default now()
) with (fillfactor = 50);

create table exosphere.revision (
  -- sha256:… of the plan
  digest text primary key,
  cluster text not null references exosphere.cluster (id),
  plan text not null,
  source text,
  created_at timestamptz not null default now()
);

create table exosphere.environment (
  project text not null references exosphere.project (name),
  name text not null,
  -- JSON text: the values by name.
  vars text not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (project, name)
);

create table exosphere.secret (
  project text not null references exosphere.project (name),
  -- '' for the project, else the name of an environment or a cluster.
  scope text not null,
  name text not null,
  -- As the vault sealed it.
  sealed bytea not null,
  updated_at timestamptz not null default now(),
  primary key (project, scope, name)
);

-- What happened beside runs: a trigger that made no run, and why.
create table exosphere.event (
  id uuid primary key default uuidv7(),
  project text not null references exosphere.project (name),
  cluster text,
  kind text not null,
  -- JSON text.
  detail text not null,
  at timestamptz not null default now()
);
create index event_by_project on exosphere.event (project, at desc);

create table exosphere.run (
  id uuid primary key,
  number bigint not null,
  project text not null,
  cluster text not null references exosphere.cluster (id),
  revision text not null references exosphere.revision (digest),
  environment text,
  status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'partial', 'failed', 'cancelled')),
  control text not null default 'go' check (control in ('go', 'paused', 'stopping', 'cancelling', 'cancelling-all')),
  round int not null default 1,
  trigger text not null,
  inputs text not null,
  items int not null,
  accepted_at timestamptz not null default now(),
  started_at timestamptz,
  deadline timestamptz not null,
  ended_at timestamptz,
  logs text not null check (logs in ('none', 'pending', 'delivered', 'given-up')),
  reason text,
  origin text,
  -- The pg-boss queue that its wake-ups go to.
  queue text not null,
  concurrency_group text,
  concurrency_limit int,
  -- It waits for its concurrency group.
  queued boolean not null default false,
  -- The round in which a `per: run` chain was begun.
  run_chain_round int,
  unique (cluster, number)
) with (fillfactor = 70);
create index run_by_project on exosphere.run (project, id desc);
create index run_open on exosphere.run (cluster, concurrency_group, number) where ended_at is null;
create index run_with_logs on exosphere.run (id) where logs = 'pending';
create index run_ending on exosphere.run (id) where ended_at is null and control in ('stopping', 'cancelling', 'cancelling-all');

create table exosphere.shard (
  id uuid primary key,
  run uuid not null,
  queue text not null,
  -- The open members, as text that only run-machine reads.
  members text not null,
  size int not null,
  -- Rises with each lease, and fences every commit.
  epoch int not null default 0,
  owner uuid,
  lease_until timestamptz,
  losses int not null default 0,
  due_at timestamptz,
  -- When somebody has to look at it unless something happens before: a lease lapses, a delay ends, a wake-up was lost.
  look_at timestamptz not null default now(),
  priority bigint not null,
  limit_step int,
  limit_max int,
  permits int,
  -- The members that run since more than 2 s, as its worker said.
  running text not null default '',
  created_at timestamptz not null default now()
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 1);
create index shard_by_run on exosphere.shard (run);
create index shard_to_look_at on exosphere.shard (look_at);
create index shard_delayed on exosphere.shard (due_at) where due_at is not null;

-- Executions that ended. A pending one has no row.
create table exosphere.execution (
  run uuid not null,
  step int not null,
  path int[] not null,
  origin int not null,
  key_round int not null,
  status text not null,
  branch text not null,
  round int not null,
  attempts int not null,
  retries int not null,
  started_at timestamptz,
  ended_at timestamptz not null,
  output text,
  objects int not null,
  error text,
  metrics text,
  note text,
  collected int[],
  primary key (run, step, path, origin, key_round)
) partition by range (run);
-- What a retry looks at.
create index execution_not_well on exosphere.execution (run, step, path, origin, key_round)
  where status in ('failed', 'cancelled') or branch <> 'live';

-- The lists of executions that return many; step -1: the trigger's items.
create table exosphere.item_chunk (
  run uuid not null,
  step int not null,
  path int[] not null,
  origin int not null,
  key_round int not null,
  first int not null,
  count int not null,
  -- JSON text of the list.
  objects text not null,
  primary key (run, step, path, origin, key_round, first)
) partition by range (run);

-- Attempts that failed, timed out or were lost.
create table exosphere.attempt (
  run uuid not null,
  step int not null,
  path int[] not null,
  origin int not null,
  key_round int not null,
  attempt int not null,
  round int not null,
  worker uuid,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  error text not null,
  primary key (run, step, path, origin, key_round, attempt)
) partition by range (run);

-- Log records in the order of their transactions: rows of those below pg_snapshot_xmin get no more company.
create table exosphere.log_chunk (
  run uuid not null,
  written_by xid8 not null default pg_current_xact_id(),
  part int not null,
  count int not null,
  -- JSON text of a list of records.
  records text not null,
  at timestamptz not null default now(),
  primary key (run, written_by, part)
) partition by range (run);

create table exosphere.blob (
  project text not null,
  digest text not null,
  size bigint not null,
  host text,
  created_at timestamptz not null default now(),
  -- An upload that no commit names goes away then.
  expires_at timestamptz not null default now() + interval '24 hours',
  primary key (project, digest)
);
create index blob_expiring on exosphere.blob (expires_at);

create table exosphere.blob_ref (
  run uuid not null,
  digest text not null,
  primary key (run, digest)
) partition by range (run);
create index blob_ref_by_digest on exosphere.blob_ref (digest);

-- How far each sink of a run has got with its log records.
create table exosphere.log_sink (
  run uuid not null,
  sink text not null,
  -- Everything up to this row was taken.
  written_by xid8 not null default '0',
  part int not null default 0,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'given-up')),
  -- Since when it has only failed.
  failing_since timestamptz,
  primary key (run, sink)
) with (fillfactor = 70);

-- Which worker hands the records of a run to its sinks.
create table exosphere.log_forwarding (
  run uuid primary key,
  owner uuid not null,
  lease_until timestamptz not null
) with (fillfactor = 70);

-- Counters of a run. The slot keeps workers off each other's rows: summed when read.
create table exosphere.step_count (
  run uuid not null,
  step int not null,
  kind text not null,
  slot int not null,
  total bigint not null,
  primary key (run, step, kind, slot)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);

-- Gates (joins and collects): shared between workers, and exact.
create table exosphere.join_count (
  run uuid not null,
  step int not null,
  path int[] not null,
  origin int not null,
  key_round int not null,
  -- Where `open` began, before the first change.
  initial int not null,
  -- What is before it and has not ended.
  open int not null,
  tally int[] not null,
  branch text not null,
  decided_at timestamptz,
  primary key (run, step, path, origin, key_round)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);

create table exosphere.failure_count (
  run uuid not null,
  basis int not null,
  failed bigint not null default 0,
  -- Null: not known yet, or no bound.
  allowed bigint,
  primary key (run, basis)
) with (fillfactor = 50);

-- What one process does for all: when it was done last.
create table exosphere.chore (
  name text primary key,
  done_at timestamptz not null
);
