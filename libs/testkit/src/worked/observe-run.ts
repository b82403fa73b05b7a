import type { Json, JsonObject, RunId } from '@exosphere/model';
import type { RunInfo } from '@exosphere/engine';
import { RunRegistry, describeExecution, missedItems } from '@exosphere/engine';
import type { ExecutionRow, Ledger } from '@exosphere/ports';
import type { Member } from '@exosphere/run-machine';
import { decodeMembers, executionName, stepAt } from '@exosphere/run-machine';
import type { WorkedExpectation } from '../worked-example-types.ts';

/** What is true of a run, in the words of the worked examples. */
export interface Observed {
  readonly run: string;
  readonly steps: Record<string, Record<string, number>>;
  readonly executions: Record<string, JsonObject>;
  readonly missed: readonly string[];
}

/**
 * Looks at a run through its ledger.
 *
 * @param runningNow names of executions whose attempt is under way
 * @param describes the steps whose executions are described; null: all
 */
export async function observeRun(
  ledger: Ledger,
  id: RunId,
  runningNow: ReadonlySet<string>,
  describes: readonly string[] | null = null,
): Promise<Observed> {
  const run = await new RunRegistry(ledger).get(id);
  const rows = await allRows(ledger, run);
  const steps: Record<string, Record<string, number>> = {};
  for (const row of rows) {
    count(steps, run, row.step, row.status);
    if (row.note === 'continued') count(steps, run, row.step, 'continued');
  }
  for (const member of await openMembers(ledger, id)) {
    count(steps, run, member.step, runningNow.has(nameOf(run, member)) ? 'running' : 'pending');
  }
  const executions: Record<string, JsonObject> = {};
  for (const row of rows.filter((one) => describes?.includes(stepAt(run.graph, one.step).plan.identifier) ?? true)) {
    executions[nameOf(run, row)] = await describe(ledger, run, row);
  }
  return { run: run.row.status, steps, executions, missed: await missedItems(ledger, run) };
}

export async function openMembers(ledger: Ledger, id: RunId): Promise<readonly Member[]> {
  const open = await ledger.readOpen(id);
  return open.flatMap((shard) => decodeMembers(shard.members)).filter((member) => member.step >= 0);
}

async function allRows(ledger: Ledger, run: RunInfo): Promise<readonly ExecutionRow[]> {
  const rows: ExecutionRow[] = [];
  for (const step of run.graph.steps.filter((one) => !one.inChain)) {
    rows.push(...(await ledger.readExecutionsBelow({ run: run.row.id, step: step.index, scope: [], upToRound: null })));
  }
  return [...rows, ...(await chainRows(ledger, run, rows))];
}

/** Executions of the failure chains of what failed, or failed in an earlier round. */
async function chainRows(ledger: Ledger, run: RunInfo, rows: readonly ExecutionRow[]): Promise<readonly ExecutionRow[]> {
  const found: ExecutionRow[] = [];
  for (const step of run.graph.steps.filter((one) => one.inChain)) {
    for (let keyRound = 0; keyRound < run.row.round; keyRound += 1) {
      const origins = [...run.graph.steps.filter((one) => !one.inChain).map((one) => one.index), run.graph.mainCount];
      for (const origin of origins) {
        const paths = origin === run.graph.mainCount ? [[]] : rows.filter((row) => row.step === origin).map((row) => row.path);
        found.push(...(await ledger.readExecutions({ run: run.row.id, step: step.index, origin, keyRound, paths })));
      }
    }
  }
  return found;
}

function nameOf(run: RunInfo, at: Pick<Member, 'step' | 'path' | 'origin' | 'keyRound'>): string {
  const step = stepAt(run.graph, at.step);
  // the name of a main execution does not tell its round
  return executionName(run.graph, { step, path: at.path, origin: at.origin, keyRound: at.keyRound }, run.row.items);
}

async function describe(ledger: Ledger, run: RunInfo, row: ExecutionRow): Promise<JsonObject> {
  const described = await describeExecution(ledger, run, row, {});
  const { status, attempts, retries, error, item, input, output, parents, children, collected } = described;
  const plain = { status, attempts, retries, error, item, input, output, parents, children, collected };
  return JSON.parse(JSON.stringify(plain)) as JsonObject; // an object's text gives an object
}

function count(steps: Record<string, Record<string, number>>, run: RunInfo, step: number, kind: string): void {
  const { identifier } = stepAt(run.graph, step).plan;
  const counts = (steps[identifier] ??= {});
  counts[kind] = (counts[kind] ?? 0) + 1;
}

/** The part of what was observed that an expectation speaks of, in the same form, to be compared as a whole. */
export function relevantTo(expectation: WorkedExpectation, observed: Observed): JsonObject {
  const relevant: Record<string, Json> = {};
  if (expectation.run !== undefined) relevant['run'] = observed.run;
  if (expectation.steps !== undefined) relevant['steps'] = observed.steps;
  if (expectation.missed !== undefined) relevant['missed'] = [...observed.missed].sort();
  if (expectation.executions !== undefined) {
    relevant['executions'] = Object.fromEntries(
      Object.entries(expectation.executions).map(([name, fields]) => [name, pick(observed.executions[name], Object.keys(fields))]),
    );
  }
  return relevant;
}

function pick(execution: JsonObject | undefined, fields: readonly string[]): Json {
  if (execution === undefined) return 'there is no such execution';
  return Object.fromEntries(
    fields.map((field) => [field, field === 'children' ? sorted(execution[field] ?? null) : (execution[field] ?? null)]),
  );
}

/** What an expectation says, in the form of {@link relevantTo}. */
export function statedBy(expectation: WorkedExpectation): JsonObject {
  const stated: Record<string, Json> = {};
  if (expectation.run !== undefined) stated['run'] = expectation.run;
  if (expectation.steps !== undefined) stated['steps'] = expectation.steps;
  if (expectation.missed !== undefined) stated['missed'] = [...expectation.missed].sort();
  if (expectation.executions !== undefined) {
    stated['executions'] = Object.fromEntries(
      Object.entries(expectation.executions).map(([name, fields]) => [
        name,
        'children' in fields ? { ...fields, children: sorted(fields['children'] ?? null) } : fields,
      ]),
    );
  }
  return stated;
}

function sorted(list: Json): Json {
  return Array.isArray(list) ? [...(list as readonly string[])].sort() : list; // names of executions
}
