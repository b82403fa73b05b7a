import type { JsonObject, Plan, RunId, RunStatus } from '@exosphere/model';
import type { CountDelta, RunControl, RunRow } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

/** A run as a row; see {@link runColumns}. */
export interface RunRecord extends Record<string, unknown> {
  readonly id: RunId;
  readonly number: number;
  readonly project: string;
  readonly cluster: string;
  readonly revision: string;
  readonly environment: string | null;
  readonly status: RunStatus;
  readonly control: RunControl;
  readonly round: number;
  readonly trigger: string;
  readonly inputs: string;
  readonly items: number;
  readonly accepted_at: number;
  readonly deadline: number;
  readonly ended_at: number | null;
  readonly late: boolean;
  readonly logs: RunRow['logs'];
  readonly reason: string | null;
  readonly origin: string | null;
}

export const runColumns = `id, number, project, cluster, revision, environment, status, control, round, trigger, inputs, items,
  floor(extract(epoch from accepted_at) * 1000)::float8 as accepted_at, floor(extract(epoch from deadline) * 1000)::float8 as deadline,
  floor(extract(epoch from ended_at) * 1000)::float8 as ended_at, coalesce(ended_at, now()) > deadline as late, logs, reason, origin`;

const byId = statement<RunRecord>('read run', `select ${runColumns} from exosphere.run where id = $1`);

export async function readRun(session: Session, run: RunId): Promise<RunRow | null> {
  const [row] = await session.query(byId, [run]);
  return row === undefined ? null : runRow(row);
}

export function runRow(row: RunRecord): RunRow {
  return {
    id: row.id,
    number: row.number,
    project: row.project,
    cluster: row.cluster,
    revision: row.revision,
    environment: row.environment,
    status: row.status,
    control: row.control,
    round: row.round,
    trigger: JSON.parse(row.trigger) as JsonObject, // written by createRun
    inputs: JSON.parse(row.inputs) as JsonObject, // written by createRun
    items: row.items,
    acceptedAt: row.accepted_at,
    deadline: row.deadline,
    endedAt: row.ended_at,
    late: row.late,
    logs: row.logs,
    reason: row.reason,
    origin: row.origin,
  };
}

const plan = statement<{ plan: string }>('read plan', 'select plan from exosphere.revision where digest = $1');

export async function readPlan(session: Session, revision: string): Promise<Plan | null> {
  const [row] = await session.query(plan, [revision]);
  return row === undefined ? null : (JSON.parse(row.plan) as Plan); // written by createRun
}

const counts = statement<{ run: RunId; step: number; kind: CountDelta['kind']; add: number }>(
  'read counts',
  `select run, step, kind, sum(total)::float8 as add from exosphere.step_count where run = $1 group by run, step, kind order by step, kind`,
);

export async function readCounts(session: Session, run: RunId): Promise<readonly CountDelta[]> {
  const rows = await session.query(counts, [run]);
  return rows.map((row) => ({ ...row }));
}

const open = statement<{ members: string; size: number; held: boolean; running: string; due_at: number | null }>(
  'read open',
  `select members, size, owner is not null and lease_until >= now() as held, running,
     floor(extract(epoch from due_at) * 1000)::float8 as due_at
   from exosphere.shard where run = $1 order by id`,
);

export interface OpenShard {
  readonly members: string;
  readonly size: number;
  readonly held: boolean;
  readonly running: string;
  readonly dueAt: number | null;
}

export async function readOpen(session: Session, run: RunId): Promise<readonly OpenShard[]> {
  const rows = await session.query(open, [run]);
  return rows.map(({ due_at: dueAt, members, size, held, running }) => ({ members, size, held, running: held ? running : '', dueAt }));
}

const chain = statement<{ begun: boolean }>(
  'has run chain',
  'select run_chain_round is not distinct from round as begun from exosphere.run where id = $1',
);

export async function hasRunChain(session: Session, run: RunId): Promise<boolean> {
  const [row] = await session.query(chain, [run]);
  return row?.begun === true;
}

const allow = statement<{ exceeded: boolean }>(
  'allow failures',
  `with counted as (
     insert into exosphere.failure_count as f (run, basis, allowed) values ($1, $2, $3)
     on conflict (run, basis) do update set allowed = excluded.allowed
     returning run, failed > allowed as exceeded
   ), stopped as (
     update exosphere.run set control = 'stopping' where id in (select run from counted where exceeded) and control in ('go', 'paused')
   )
   select exceeded from counted`,
);

/** Sets how many failures the basis allows; true if there are more already. */
export async function allowFailures(session: Session, run: RunId, basis: number, allowed: number): Promise<boolean> {
  const [row] = await session.query(allow, [run, basis, allowed]);
  return row?.exceeded === true;
}
