import { createHash } from 'node:crypto';
import type { Catalog } from '@exosphere/cluster';
import { readCluster } from '@exosphere/cluster';
import type { ClusterRuntimeOptions, WorkerOptions } from '@exosphere/engine';
import { LogForwarder, RunRegistry, Scheduler, createClusterRuntime, retryRun, startRun } from '@exosphere/engine';
import type { Diagnostic, JsonObject, Plan, RunId, RunStatus } from '@exosphere/model';
import { InternalError, asId } from '@exosphere/model';
import type { Clock, Ledger, LogReader, RunRow, SatelliteRuntime } from '@exosphere/ports';
import { testCatalog } from '../test-catalog.ts';
import type { WorkedAction, WorkedCase, WorkedEvent, WorkedExpectation, WorkedInnerRun } from '../worked-example-types.ts';
import type { Fates } from './crew.ts';
import { Crew } from './crew.ts';
import { Holds } from './holds.ts';
import type { Observed } from './observe-run.ts';
import { observeRun, openMembers } from './observe-run.ts';
import type { TestRuntime, TestRuntimeOptions } from './test-runtime.ts';
import { createTestRuntime, fits } from './test-runtime.ts';

/** Where a case is played: a ledger, a clock, and how to wait. */
export interface Stage {
  readonly ledger: Ledger & LogReader;
  readonly clock: Clock;
  /** A number in [0, 1): decides the order of work. */
  readonly random: () => number;
  /** Settles when the condition holds; fails with the description when it does not in good time. */
  readonly until: (condition: () => Promise<boolean>, description: () => string) => Promise<void>;
  readonly workers: number;
  /** What befalls the workers; default: nothing. */
  readonly fates?: Fates;
  /** How long each call of a satellite takes; default: no time. */
  readonly callMs?: number;
  /** What becomes of attempts to open a satellite; default: it opens at once. */
  readonly opens?: (signal: AbortSignal) => Promise<void>;
  readonly options?: Partial<WorkerOptions>;
  /** The steps whose executions are described; default: all. */
  readonly describes?: readonly string[];
}

/** What a case gave, beside the diagnostics. */
export interface Played {
  readonly diagnostics: readonly Diagnostic[];
  readonly refused: boolean;
  /** What was seen at each `expect` of the actions, with it. */
  readonly moments: readonly { readonly expect: WorkedExpectation; readonly seen: Observed; readonly runs: readonly string[] }[];
  readonly seen: Observed | null;
  readonly runs: readonly string[];
  readonly events: readonly WorkedEvent[];
  readonly calls: TestRuntime['calls'];
  /** By the execution that started it. */
  readonly inner: Readonly<Record<string, WorkedInnerRun>>;
}

interface Play {
  readonly stage: Stage;
  readonly example: WorkedCase;
  readonly plan: Plan;
  readonly holds: Holds;
  readonly runtime: TestRuntime;
  readonly crew: Crew;
  readonly runs: RunId[];
  readonly events: WorkedEvent[];
}

/** Checks the cluster of a case, runs it with its faults and actions, and tells what came of it. */
export async function playCase(stage: Stage, example: WorkedCase): Promise<Played> {
  const catalog = testCatalog({ manifests: example.manifests, clusters: example.clusters });
  const { diagnostics, plan } = readCluster(JSON.stringify(example.cluster), { file: null, catalog });
  if (plan === null) return { diagnostics, refused: true, moments: [], seen: null, runs: [], events: [], calls: [], inner: {} };
  const runs: RunId[] = [];
  const holds = new Holds();
  const runNumber = (run: string): number | null => {
    const at = runs.indexOf(run as RunId); // an id of this play, or none
    return at === -1 ? null : at + 1;
  };
  const runtime = runtimeOf(stage, example, { holds, runNumber });
  const problems: unknown[] = [];
  const options: WorkerOptions = {
    ledger: stage.ledger,
    clock: stage.clock,
    runtimes: [runtime, innerClusters(stage, example, catalog)],
    secrets: { open: () => Promise.resolve(new Map()) },
    functions: {},
    report: { warn: (message, fields) => problems.push(message, fields['error'] ?? fields) },
    hold: holdPending(example, holds, runNumber),
    drainMs: 100,
    ...stage.options,
  };
  const crew = new Crew({ ...options, ledger: stage.ledger }, stage.fates ?? (() => 'go'));
  const play: Play = { stage, example, plan, holds, runtime, crew, runs, events: [] };
  const stop = new AbortController();
  crew.start(stage.workers);
  const serving = Promise.all(services(play, options).map((service) => service.work(stop.signal)));
  try {
    const moments = await playActions(play);
    holds.releaseAll();
    await settle(play);
    if (plan.logs.length > 0) await deliverLogs(play);
    const seen = runs[0] === undefined ? null : await observe(play, runs[0]);
    const inner = await innerRuns(play);
    return { diagnostics, refused: false, moments, seen, runs: await statuses(play), events: play.events, calls: runtime.calls, inner };
  } catch (error) {
    throw problems.length === 0 ? error : new InternalError(`the workers said: ${problems.map(String).join('\n')}`, { cause: error });
  } finally {
    holds.releaseAll();
    stop.abort();
    await Promise.all([crew.stop(), serving]);
  }
}

/** Holds the attempts that the case wants to be pending, until an action releases them. */
function holdPending(example: WorkedCase, holds: Holds, runNumber: (run: string) => number | null): NonNullable<WorkerOptions['hold']> {
  return (run, { name, attempt, signal }) => {
    const fault = example.faults.find(
      (one) => one.effect.kind === 'hold' && one.effect.as === 'pending' && fits(one, runNumber(run.row.id), { execution: name, attempt }),
    );
    return fault === undefined || holds.isReleased(fault) ? null : holds.until(fault, signal);
  };
}

/** Runs the other clusters of a case as steps. */
function runtimeOf(stage: Stage, { manifests, faults }: WorkedCase, seams: Pick<TestRuntimeOptions, 'holds' | 'runNumber'>): TestRuntime {
  const { callMs, opens, random } = stage;
  const takeTime = callMs === undefined ? {} : { takeTime: (signal: AbortSignal) => stage.clock.sleep(callMs, signal) };
  return createTestRuntime({ ...seams, manifests, faults, random, ...takeTime, ...(opens === undefined ? {} : { opens }) });
}

function innerClusters({ ledger, clock }: Stage, example: WorkedCase, catalog: Catalog): SatelliteRuntime {
  const plan: ClusterRuntimeOptions['plan'] = ({ reference }) => {
    const file = example.clusters[reference.replace('cluster/', '')];
    return Promise.resolve(file === undefined ? null : readCluster(JSON.stringify(file), { file: null, catalog }).plan);
  };
  return createClusterRuntime({ ledger, clock, functions: {}, plan });
}

/** The runs that steps of the case have started, by the names of their executions. */
async function innerRuns({ stage, runtime, runs }: Play): Promise<Played['inner']> {
  const inner: Record<string, WorkedInnerRun> = {};
  for (const id of new Set(runtime.calls.map((call) => asId<RunId>(call.run)))) {
    if (runs.includes(id)) continue;
    const [, step = '', path = ''] = (await stage.ledger.readRun(id))?.origin?.split('/') ?? [];
    const { run, steps } = await observeRun(stage.ledger, id, new Set(), []);
    const calls: Record<string, number> = {};
    for (const call of runtime.calls.filter((one) => one.run === id)) calls[call.step] = (calls[call.step] ?? 0) + 1;
    // the path of an execution begins with the item of the trigger, which its name leaves out
    inner[`${step}[${path.split('.').slice(1).join('.')}]`] = { run: run as RunStatus, steps, calls };
  }
  return inner;
}

/** What goes on beside the workers. */
function services({ stage, plan, crew }: Play, options: WorkerOptions): readonly { work(signal: AbortSignal): Promise<void> }[] {
  const { ledger } = stage;
  const scheduler = new Scheduler({ ...options, ledger, onWork: () => crew.nudge() });
  return plan.logs.length === 0 ? [scheduler] : [scheduler, new LogForwarder({ ...options, ledger, lookEveryMs: 50 })];
}

/** Waits until the records of all runs are with their sinks. */
async function deliverLogs({ stage, runs }: Play): Promise<void> {
  const rows = (): Promise<readonly (RunRow | null)[]> => Promise.all(runs.map((run) => stage.ledger.readRun(run)));
  await stage.until(
    async () => (await rows()).every((row) => row?.logs !== 'pending'),
    () => 'the logs were not delivered',
  );
}

async function playActions(play: Play): Promise<Played['moments']> {
  const moments: { expect: WorkedExpectation; seen: Observed; runs: readonly string[] }[] = [];
  const { actions } = play.example;
  if (!actions.some((action) => action.kind === 'trigger')) await trigger(play, play.example.inputs);
  for (const action of actions) {
    await settle(play);
    if (action.kind === 'expect')
      moments.push({ expect: action.expect, seen: await observe(play, runOf(play, 1)), runs: await statuses(play) });
    else await act(play, action);
  }
  return moments;
}

function runOf(play: Play, number: number): RunId {
  const run = play.runs[number - 1];
  if (run === undefined) throw new InternalError(`the case has no run ${String(number)}`);
  return run;
}

async function act(play: Play, action: Exclude<WorkedAction, { kind: 'expect' }>): Promise<void> {
  const { ledger, clock } = play.stage;
  switch (action.kind) {
    case 'trigger':
      return trigger(play, action.inputs);
    case 'release': {
      const fault = play.example.faults.find((one) => one.effect.kind === 'hold' && one.run === action.run && one.at === action.at);
      if (fault !== undefined) play.holds.release(fault);
      return;
    }
    case 'cancel': {
      const run = runOf(play, action.run);
      const row = await ledger.readRun(run);
      await ledger.control(run, row?.control === 'cancelling' ? 'cancelling-all' : 'cancelling');
      await play.crew.renew();
      return;
    }
    case 'retry':
      play.crew.forget(runOf(play, action.run));
      await retryRun({ ledger, clock, runs: new RunRegistry(ledger) }, runOf(play, action.run), {});
      play.crew.nudge();
  }
}

async function trigger(play: Play, inputs: JsonObject): Promise<void> {
  const { plan, stage } = play;
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(plan)).digest('hex')}`;
  const started = await startRun(stage, {
    revision: { digest, plan, source: null },
    environment: null,
    trigger: { type: 'api-call', time: new Date(stage.clock.now()).toISOString() },
    inputs,
    items: null,
    origin: null,
  });
  if (started.kind === 'skipped') {
    play.events.push({ outcome: 'skipped', because: started.because.map((run) => play.runs.indexOf(run) + 1) });
    return;
  }
  play.runs.push(started.run);
  play.events.push({ outcome: 'started', run: play.runs.length });
  await play.crew.renew();
  play.crew.nudge();
}

/** Waits until nothing can move but what is held. */
async function settle(play: Play): Promise<void> {
  let last = '';
  await play.stage.until(
    async () => {
      const open = await Promise.all(play.runs.map((run) => openCount(play, run)));
      last = JSON.stringify(open);
      if (play.holds.isOver) return open.every((one) => one.hasEnded);
      return open.every((one) => one.isQuiet) && open.reduce((sum, one) => sum + one.open, 0) === play.holds.count;
    },
    () => `the runs did not come to rest: ${last}, ${String(play.holds.count)} are held`,
  );
}

async function openCount(play: Play, run: RunId): Promise<{ open: number; isQuiet: boolean; hasEnded: boolean }> {
  const row = await play.stage.ledger.readRun(run);
  const isWaiting = row?.status === 'pending' && (await waitsForItsGroup(play, row));
  const shards = await play.stage.ledger.readOpen(run);
  const open = isWaiting ? 0 : (await openMembers(play.stage.ledger, run)).length;
  const isQuiet = isWaiting || row?.endedAt !== null || shards.length > 0;
  return { open, isQuiet, hasEnded: row?.endedAt !== null };
}

/** Whether as many runs of its concurrency group are going as may; the groups of the examples follow from the inputs. */
async function waitsForItsGroup(play: Play, row: RunRow): Promise<boolean> {
  const { concurrency } = play.plan;
  if (concurrency === null) return false;
  const rows = await Promise.all(play.runs.map((other) => play.stage.ledger.readRun(other)));
  const going = rows.filter((other) => other?.status === 'running' && JSON.stringify(other.inputs) === JSON.stringify(row.inputs));
  return going.length >= concurrency.limit;
}

async function observe(play: Play, run: RunId): Promise<Observed> {
  return observeRun(play.stage.ledger, run, new Set(play.runtime.running), play.stage.describes ?? null);
}

async function statuses(play: Play): Promise<readonly string[]> {
  const rows = await Promise.all(play.runs.map((run) => play.stage.ledger.readRun(run)));
  return rows.map((row) => row?.status ?? 'gone');
}
