import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import type { Lease, LeaseNews, RunControl } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { int4Array, textArray, uuidArray } from '../sql/binary-array.ts';

const renew = statement<{ at: number; id: ShardId | null; run: RunId; control: RunControl }>(
  'renew leases',
  `with renewed as (
     update exosphere.shard s set lease_until = now() + exosphere.lease_time(), look_at = now() + exosphere.lease_time(), running = u.running
     from unnest($2::uuid[], $3::int[], $4::text[]) as u (id, epoch, running)
     where s.id = u.id and s.epoch = u.epoch and s.owner = $1
     returning s.id, s.run
   )
   select floor(extract(epoch from now()) * 1000)::float8 as at, w.id, w.run, w.control
   from (select 1) one left join (
     select renewed.id, renewed.run, r.control from renewed join exosphere.run r on r.id = renewed.run
   ) w on true`,
);

/** Renews what is still this worker's; the answer names the rest as lost. */
export async function renewLeases(session: Session, worker: WorkerId, leases: readonly Lease[]): Promise<LeaseNews> {
  const ordered = [...leases].sort((a, b) => (a.shard < b.shard ? -1 : 1));
  const rows = await session.query(renew, [
    worker,
    uuidArray(ordered.map((lease) => lease.shard)),
    int4Array(ordered.map((lease) => lease.epoch)),
    textArray(ordered.map((lease) => lease.running)),
  ]);
  const kept = rows.filter((row) => row.id !== null);
  const held = new Set(kept.map((row) => row.id));
  return {
    lost: leases.map((lease) => lease.shard).filter((shard) => !held.has(shard)),
    controls: new Map(kept.map((row) => [row.run, row.control])),
    at: rows[0]?.at ?? 0,
  };
}
