import { ExosphereError } from '@exosphere/model';
import type { GateRow, Reopening } from '@exosphere/ports';
import { hasToWait } from './concurrency.ts';
import { keepCounts, keepFailures, planFailures, stopping } from './counters.ts';
import type { GatePlan } from './gates.ts';
import { planGates } from './gates.ts';
import { addRecord, resetSinks } from './logs.ts';
import { checkNewShards } from './make-shards.ts';
import type { Memory, MemoryRun, RunResults } from './memory.ts';
import { resultsOf } from './memory.ts';
import type { RowKey } from './rows-by-key.ts';
import { RowsByKey } from './rows-by-key.ts';
import { addWork } from './runs.ts';

/** Opens a round on an ended run. */
export function reopen(memory: Memory, reopening: Reopening): void {
  const run = endedRun(memory, reopening);
  const before = resultsOf(memory, run.id);
  checkNewShards(memory, reopening.shards);
  const failures = planFailures(memory, reopening.failures);
  const going: MemoryRun = {
    ...run,
    ...{ round: reopening.round, status: 'running', control: 'go', endedAt: null, reason: null, queued: hasToWait(memory, run) },
    ...{ deadline: memory.now() + reopening.slaMs, logs: run.logs === 'none' ? 'none' : 'pending' },
  };
  const gates = gatesTakenBack(before, reopening);
  const plan = planAll(memory, { reopening, gates, control: failures.exceeded.has(run.id) ? stopping(going).control : 'go' });

  memory.runs.set(run.id, going);
  memory.results.set(run.id, { ...before, gates });
  for (const key of reopening.remove) before.executions.delete(rowKey(key));
  keepFailures(memory, failures);
  keepCounts(memory, reopening.counts);
  resetSinks(memory, run.id);
  addRecord(memory, run.id, reopening.record);
  addWork(memory, going, { shards: reopening.shards, gates: plan, wakes: !going.queued });
}

function endedRun(memory: Memory, { run: id, round }: Reopening): MemoryRun {
  const run = memory.runs.get(id);
  if (run !== undefined && run.endedAt !== null && run.round === round - 1) return run;
  const message = `Run ${id} is not an ended run in round ${round - 1}: somebody else has opened a round. Look at it again.`;
  throw new ExosphereError('run-changed', message, { retryable: true });
}

function rowKey({ round: keyRound, ...key }: Reopening['remove'][number]): RowKey {
  return { ...key, keyRound };
}

/** The gates without those that go; what was decided and has no execution any more is asked anew. */
function gatesTakenBack({ gates, executions }: RunResults, { remove, removeGates }: Reopening): RowsByKey<GateRow> {
  const kept = new RowsByKey<GateRow>();
  const gone = new RowsByKey<true>();
  for (const key of remove) gone.set(rowKey(key), true);
  for (const gate of gates.rows()) {
    const hasExecution = executions.get(gate) !== undefined && gone.get(gate) === undefined;
    const isAskedAnew = gate.branch === 'live' && gate.decided && !hasExecution;
    kept.set(gate, isAskedAnew ? { ...gate, decided: false, decidedAt: null } : gate);
  }
  for (const key of removeGates) kept.delete(rowKey(key));
  return kept;
}

/** The changes, and then what stands at 0 without one: taken back to undecided, or never asked because the run was ending. */
function planAll(
  memory: Memory,
  {
    reopening,
    gates,
    control,
  }: { readonly reopening: Reopening; readonly gates: RowsByKey<GateRow>; readonly control: MemoryRun['control'] },
): GatePlan {
  const now = memory.now();
  const changed = planGates(reopening.gates, { gate: (change) => gates.get(change), control: () => control, now });
  const after = new RowsByKey<GateRow>();
  for (const gate of [...gates.rows(), ...changed.gates]) after.set(gate, gate);
  const standing = after.rows().filter((gate) => gate.open === 0 && !gate.decided);
  const decided = standing.map((gate) => ({ ...gate, decided: true, decidedAt: now }));
  return { late: changed.late, gates: [...changed.gates, ...decided], decided: [...changed.decided, ...decided] };
}
