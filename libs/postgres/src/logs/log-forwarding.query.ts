import type { RunId, WorkerId } from '@exosphere/model';
import type { SinkState } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { readCursor, writeCursor } from './log-cursor.ts';

const claim = statement<{ run: RunId; ended: boolean }>(
  'claim forwarding',
  `with open as (
     select r.id, r.ended_at is not null as ended, f.owner is not null and f.owner = $1 as mine
     from exosphere.run r left join exosphere.log_forwarding f on f.run = r.id
     where r.logs = 'pending' and r.queue = $3 and (f.run is null or f.owner = $1 or f.lease_until < now())
     order by mine desc, r.id limit $2
   ), taken as (
     insert into exosphere.log_forwarding as f (run, owner, lease_until)
     select id, $1, now() + exosphere.lease_time() from open order by id
     on conflict (run) do update set owner = excluded.owner, lease_until = excluded.lease_until
       where f.owner = excluded.owner or f.lease_until < now()
     returning f.run
   )
   select taken.run, open.ended from taken join open on open.id = taken.run order by taken.run`,
);

/** Takes runs of a queue to forward, those first that this worker has. */
export async function claimForwarding(
  session: Session,
  worker: WorkerId,
  { queue, max }: { readonly queue: string; readonly max: number },
): Promise<readonly { readonly run: RunId; readonly ended: boolean }[]> {
  const rows = await session.query(claim, [worker, max, queue]);
  return rows.map(({ run, ended }) => ({ run, ended }));
}

const release = statement<Record<string, unknown>>(
  'release forwarding',
  'delete from exosphere.log_forwarding where owner = $1 and run = any ($2::uuid[])',
);

export async function releaseForwarding(session: Session, worker: WorkerId, runs: readonly RunId[]): Promise<void> {
  await session.query(release, [worker, runs]);
}

interface SinkRecord extends Record<string, unknown> {
  readonly sink: string;
  readonly written_by: string;
  readonly part: number;
  readonly status: SinkState['status'];
  readonly failing_since: number | null;
  readonly error: string | null;
}

const make = statement<Record<string, unknown>>(
  'make sinks',
  'insert into exosphere.log_sink (run, sink) select $1, unnest($2::text[]) on conflict do nothing',
);

const read = statement<SinkRecord>(
  'read sinks',
  `select sink, written_by::text, part, status, floor(extract(epoch from failing_since) * 1000)::float8 as failing_since, error
   from exosphere.log_sink where run = $1 and sink = any ($2::text[]) order by array_position($2::text[], sink)`,
);

export async function readSinks(session: Session, run: RunId, sinks: readonly string[]): Promise<readonly SinkState[]> {
  await session.query(make, [run, sinks]);
  const rows = await session.query(read, [run, sinks]);
  return rows.map(({ sink, written_by: writtenBy, part, status, failing_since: failingSince, error }) => ({
    ...{ sink, status, failingSince, error },
    cursor: writtenBy === '0' ? null : writeCursor({ writtenBy, part, used: null }),
  }));
}

const advance = statement<{ sink: string }>(
  'advance sink',
  `update exosphere.log_sink s set written_by = $4::xid8, part = $5, status = $6, failing_since = to_timestamp($7::float8 / 1000), error = $8
   from exosphere.log_forwarding f
   where f.run = $1 and f.owner = $2 and s.run = $1 and s.sink = $3
   returning s.sink`,
);

/** False: another worker forwards this run now. */
export async function advanceSink(session: Session, worker: WorkerId, run: RunId, state: SinkState): Promise<boolean> {
  const place = readCursor(state.cursor);
  const rows = await session.query(advance, [
    run,
    worker,
    state.sink,
    place?.writtenBy ?? '0',
    place?.part ?? 0,
    state.status,
    state.failingSince,
    state.error,
  ]);
  return rows.length > 0;
}

const reset = statement<Record<string, unknown>>(
  'reset sinks',
  `update exosphere.log_sink set status = 'pending', failing_since = null, error = null where run = $1 and status <> 'pending'`,
);

/** In a new round all of them go on from where they are. */
export async function resetSinks(session: Session, run: RunId): Promise<void> {
  await session.query(reset, [run]);
}

const finish = statement<{ id: RunId }>(
  'finish forwarding',
  `with mine as (delete from exosphere.log_forwarding where run = $1 and owner = $2 and exists (
     select 1 from exosphere.run where id = $1 and ended_at is not null) returning run)
   update exosphere.run set logs = $3 where id in (select run from mine) and ended_at is not null and logs = 'pending' returning id`,
);

/** False: another worker forwards it now, or it has not ended. */
export async function finishForwarding(
  session: Session,
  worker: WorkerId,
  run: RunId,
  outcome: 'delivered' | 'given-up',
): Promise<boolean> {
  const rows = await session.query(finish, [run, worker, outcome]);
  return rows.length > 0;
}
