import type { Json, RunId } from '@exosphere/model';
import type { AttemptRow, ChunkRow, ExecutionRow, ExecutionsAt, Ledger, ListScope } from '@exosphere/ports';
import type { Memory } from './memory.ts';
import { compareKeys, isWithin } from './rows-by-key.ts';

/** Those that have ended, in the order of the paths. */
export function readExecutions(memory: Memory, { run, step, origin, keyRound, paths }: ExecutionsAt): readonly ExecutionRow[] {
  const executions = memory.results.get(run)?.executions;
  return paths.flatMap((path) => executions?.find({ step, path, origin, keyRound }) ?? []);
}

/** All of a step below a scope, in item order. */
export function readExecutionsBelow(memory: Memory, { run, step, scope, upToRound }: ListScope): readonly ExecutionRow[] {
  const rows = memory.results.get(run)?.executions.rows(step) ?? [];
  return rows.filter((row) => isWithin(row.path, scope) && (upToRound === null || row.round <= upToRound));
}

type EndedOptions = Parameters<Ledger['readEnded']>[1];

/** Pages of executions that a retry looks at, in the order of their keys. */
export function readEnded(memory: Memory, run: RunId, { after, limit, which }: EndedOptions): readonly ExecutionRow[] {
  const rows = memory.results.get(run)?.executions.rows() ?? [];
  const wanted = rows.filter((row) => (which === 'dead' ? row.branch !== 'live' : row.status === which));
  if (after === null) return wanted.slice(0, limit);
  const { round: keyRound, ...place } = after;
  return wanted.filter((row) => compareKeys(row, { ...place, keyRound }) > 0).slice(0, limit);
}

/** The highest number of a recorded attempt of each path; 0: none. */
export function readLastAttempts(memory: Memory, { run, step, origin, keyRound, paths }: ExecutionsAt): readonly number[] {
  const attempts = memory.results.get(run)?.attempts;
  return paths.map((path) =>
    Math.max(0, ...(attempts?.find({ step, path, origin, keyRound }) ?? []).map((row: AttemptRow) => row.attempt)),
  );
}

type ListOf = Parameters<Ledger['readChunks']>[0];

/** The chunks of one execution's list, in order. */
export function readChunks(memory: Memory, { run, ...key }: ListOf): readonly ChunkRow[] {
  return memory.results.get(run)?.chunks.find(key) ?? [];
}

/** Objects `from`… of one execution's list; the one object of an execution that keeps it in its row. */
export function readObjects(memory: Memory, { from, count, ...list }: Parameters<Ledger['readObjects']>[0]): readonly Json[] {
  const chunks = readChunks(memory, list).filter((chunk) => chunk.from < from + count && chunk.from + chunk.count > from);
  if (chunks.length === 0 && from === 0 && count > 0) {
    const output = memory.results.get(list.run)?.executions.find(list)?.output ?? null;
    return output === null ? [] : [JSON.parse(output) as Json]; // JSON text, as it was written
  }
  return chunks.flatMap((chunk) => parseList(chunk.objects).slice(Math.max(0, from - chunk.from), from + count - chunk.from));
}

/** A part of a list, as text. */
interface Part {
  readonly objects: string;
  readonly count: number;
  readonly bytes: number;
}

/** What completed executions below a scope hold, in item order. */
function partsOf(memory: Memory, of: ListScope): readonly Part[] {
  const completed = readExecutionsBelow(memory, of).filter((row) => row.status === 'completed');
  return completed.flatMap((row): readonly Part[] => {
    if (row.output !== null) return [{ objects: `[${row.output}]`, count: 1, bytes: Buffer.byteLength(row.output) }];
    if (row.objects === 0) return [];
    return readChunks(memory, row).map(({ objects, count }) => ({ objects, count, bytes: Buffer.byteLength(objects) }));
  });
}

/** The list as a value, unless it is too large to be one. */
export function readList(
  memory: Memory,
  of: ListScope,
  limits: Parameters<Ledger['readList']>[1],
): Awaited<ReturnType<Ledger['readList']>> {
  const parts = partsOf(memory, of);
  const objects = parts.reduce((sum, part) => sum + part.count, 0);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (objects > limits.objects || bytes > limits.bytes) return { kind: 'too-large', objects, bytes };
  return { kind: 'list', objects: parts.flatMap((part) => parseList(part.objects)) };
}

const pageParts = 100;

/** The same list, a few parts at a time. */
export function* listPages(memory: Memory, of: ListScope): Generator<readonly Json[]> {
  const parts = partsOf(memory, of);
  for (let from = 0; from < parts.length; from += pageParts)
    yield parts.slice(from, from + pageParts).flatMap((part) => parseList(part.objects));
}

function parseList(text: string): readonly Json[] {
  return JSON.parse(text) as readonly Json[]; // a list, as it was written
}
