import type { Branch, ExecutionKey, Path, RunId } from '@exosphere/model';
import type { GateRow } from '@exosphere/ports';
import { pathText } from '../commit/row-columns.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { int4Array, textArray } from '../sql/binary-array.ts';

interface GateRecord extends Record<string, unknown> {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly key_round: number;
  readonly open: number;
  readonly tally: readonly number[];
  readonly branch: Branch;
  readonly decided_at: number | null;
}

const read = statement<GateRecord>(
  'read gates',
  `select j.run, j.step, j.path, j.origin, j.key_round, j.open, j.tally, j.branch,
     floor(extract(epoch from j.decided_at) * 1000)::float8 as decided_at
   from unnest($2::int[], $3::text[], $4::int[], $5::int[]) with ordinality as u (step, path, origin, key_round, n)
   join exosphere.join_count j on j.run = $1 and j.step = u.step and j.path = u.path::int[] and j.origin = u.origin and j.key_round = u.key_round
   order by u.n`,
);

export async function readGates(session: Session, run: RunId, gates: readonly ExecutionKey[]): Promise<readonly GateRow[]> {
  if (gates.length === 0) return [];
  const rows = await session.query(read, [
    run,
    int4Array(gates.map((gate) => gate.step)),
    textArray(gates.map((gate) => pathText(gate.path))),
    int4Array(gates.map((gate) => gate.origin)),
    int4Array(gates.map((gate) => gate.round)),
  ]);
  return rows.map(({ key_round: keyRound, decided_at: decidedAt, run: of, step, path, origin, open, tally, branch }) => ({
    ...{ run: of, step, path, origin, keyRound, open, tally, branch, decided: decidedAt !== null, decidedAt },
  }));
}
