import type { RunInfo } from '@exosphere/engine';
import type { Path } from '@exosphere/model';
import type { ExecutionRow, Ledger } from '@exosphere/ports';
import { nameOf } from '../progress/run-report.ts';

/** Finds an execution that has ended by the name that people see: `parse[1.0]`, `alert(parse[1])`, `clean[2]~2`. Null: there is none. */
export async function findExecution(ledger: Pick<Ledger, 'readExecutions'>, run: RunInfo, name: string): Promise<ExecutionRow | null> {
  const [, chainStep, inner = name] = /^([^(]+)\((.+)\)(?:~\d+)?$/.exec(name) ?? [];
  const [, main = '', indexes] = /^([^[~]+)(?:\[([\d.-]+)\])?(?:~\d+)?$/.exec(inner) ?? [];
  const { numberOf, mainCount } = run.graph;
  const step = numberOf.get(chainStep ?? main);
  const origin = chainStep === undefined ? -1 : inner === 'run' ? mainCount : (numberOf.get(main) ?? -1);
  if (step === undefined) return null;
  const shown = indexes === undefined ? [] : indexes.split('.').map((index) => (index === '-' ? -1 : Number(index)));
  // A trigger that handed on one object has an index that nobody sees.
  const paths: readonly Path[] = [shown, [0, ...shown]];
  for (const keyRound of [null, ...Array.from({ length: run.row.round }, (_, round) => round)]) {
    const rows = await ledger.readExecutions({ run: run.row.id, step, origin, keyRound, paths });
    const found = rows.find((row) => nameOf(run, { step, path: row.path, origin, round: row.keyRound }) === name);
    if (found !== undefined) return found;
  }
  return null;
}
