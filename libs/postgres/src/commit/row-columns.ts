import type { CountDelta, FailureDelta, GateDelta, NewShard } from '@exosphere/ports';
import type { Path } from '@exosphere/model';
import type { BinaryArray } from '../sql/binary-array.ts';
import { boolArray, int4Array, int8Array, textArray, timeArray, uuidArray } from '../sql/binary-array.ts';

/** Parameters of a function of ours that takes rows as one array a column; null: no rows. */
export type Columns = readonly (BinaryArray | null)[];

export function pathText(path: Path): string {
  return `{${path.join(',')}}`;
}

/** A column that is mostly empty costs nothing while it is. */
export function sparse<T>(values: readonly (T | null)[], encode: (values: readonly (T | null)[]) => BinaryArray): BinaryArray | null {
  return values.every((value) => value === null) ? null : encode(values);
}

export function noColumns(count: number): Columns {
  return new Array<null>(count).fill(null);
}

/** `s_…`: new shards. */
export function shardColumns(shards: readonly NewShard[]): Columns {
  if (shards.length === 0) return noColumns(10);
  return [
    uuidArray(shards.map((shard) => shard.id)),
    uuidArray(shards.map((shard) => shard.run)),
    textArray(shards.map((shard) => shard.members)),
    int4Array(shards.map((shard) => shard.size)),
    sparse(
      shards.map((shard) => shard.dueAt),
      timeArray,
    ),
    int8Array(shards.map((shard) => Math.round(shard.priority))),
    sparse(
      shards.map((shard) => shard.limit?.step ?? null),
      int4Array,
    ),
    sparse(
      shards.map((shard) => shard.limit?.max ?? null),
      int4Array,
    ),
    int4Array(shards.map((shard) => shard.losses)),
    boolArray(shards.map((shard) => shard.keep)),
  ];
}

/** `g_…`: changes to gates, one for each gate, in the order of their keys: the order in which all lock them. */
export function gateColumns(changes: readonly GateDelta[]): Columns {
  if (changes.length === 0) return noColumns(11);
  const gates = perGate(changes);
  return [
    uuidArray(gates.map((gate) => gate.run)),
    int4Array(gates.map((gate) => gate.step)),
    textArray(gates.map((gate) => pathText(gate.path))),
    int4Array(gates.map((gate) => gate.origin)),
    int4Array(gates.map((gate) => gate.keyRound)),
    int4Array(gates.map((gate) => gate.initial)),
    int4Array(gates.map((gate) => gate.open)),
    textArray(gates.map((gate) => pathText(gate.tally))),
    textArray(gates.map((gate) => gate.branch)),
    boolArray(gates.map((gate) => gate.fires === 'always')),
    int4Array(gates.map((gate) => gate.late)),
  ];
}

function perGate(changes: readonly GateDelta[]): readonly GateDelta[] {
  const sums = new Map<string, GateDelta>();
  for (const change of changes) {
    const key = `${change.run}|${change.step}|${change.path.join('.')}|${change.origin}|${change.keyRound}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? change : addGates(sum, change));
  }
  return inKeyOrder(sums);
}

function addGates(a: GateDelta, b: GateDelta): GateDelta {
  const length = Math.max(a.tally.length, b.tally.length);
  const tally = Array.from({ length }, (_, i) => (a.tally[i] ?? 0) + (b.tally[i] ?? 0));
  return { ...a, open: a.open + b.open, late: a.late + b.late, tally };
}

/** `n_…`: counters, one for each, in the order of their keys. */
export function countColumns(changes: readonly CountDelta[]): Columns {
  const sums = new Map<string, CountDelta>();
  for (const change of changes) {
    const key = `${change.run}|${change.step}|${change.kind}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? change : { ...change, add: sum.add + change.add });
  }
  const counts = inKeyOrder(sums).filter((count) => count.add !== 0);
  if (counts.length === 0) return noColumns(4);
  return [
    uuidArray(counts.map((count) => count.run)),
    int4Array(counts.map((count) => count.step)),
    textArray(counts.map((count) => count.kind)),
    int8Array(counts.map((count) => count.add)),
  ];
}

/** `f_…`: failures that count, one for each basis, in the order of their keys. */
export function failureColumns(changes: readonly FailureDelta[]): Columns {
  const sums = new Map<string, FailureDelta>();
  for (const change of changes) {
    const key = `${change.run}|${change.basis}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? change : { ...change, add: sum.add + change.add });
  }
  const failures = inKeyOrder(sums);
  if (failures.length === 0) return noColumns(3);
  return [
    uuidArray(failures.map((failure) => failure.run)),
    int4Array(failures.map((failure) => failure.basis)),
    int8Array(failures.map((failure) => failure.add)),
  ];
}

function inKeyOrder<T>(byKey: ReadonlyMap<string, T>): readonly T[] {
  if (byKey.size < 2) return [...byKey.values()];
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
