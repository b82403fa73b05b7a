import type { BlobRegister, Ledger, LogReader, RunReader } from '@exosphere/ports';
import type { ClientConfig } from 'pg';
import { recordBlob } from '../blobs/record-blob.query.ts';
import { commitLanes, countSlots } from '../commit/commit-lanes.ts';
import { commit } from '../commit/commit.ts';
import type { Connections, OnWarning } from '../database/pools.ts';
import { advanceSink, claimForwarding, finishForwarding, readSinks, releaseForwarding } from '../logs/log-forwarding.query.ts';
import { readLogChunks } from '../logs/read-log-chunks.query.ts';
import { groupFailures, readAttempts } from '../people/failures.query.ts';
import { listExecutions } from '../people/list-executions.query.ts';
import { findRun, listRuns } from '../people/list-runs.query.ts';
import { readLogs } from '../people/read-logs.ts';
import { readDetail } from '../people/run-detail.query.ts';
import { readExecutions, readExecutionsBelow, readEnded, readLastAttempts } from '../results/read-executions.query.ts';
import { readGates } from '../results/read-gates.query.ts';
import { readList, streamList } from '../results/read-list.query.ts';
import { readChunks, readObjects } from '../results/read-objects.query.ts';
import { controlRun } from '../runs/control-run.ts';
import { createRun } from '../runs/create-run.ts';
import { endRun } from '../runs/end-run.ts';
import { missDeadline, overdueRuns } from '../runs/overdue-runs.ts';
import type { Partitions } from '../runs/partitions.ts';
import { allowFailures, hasRunChain, readCounts, readOpen, readPlan, readRun } from '../runs/read-run.query.ts';
import { addShards, reopenRun } from '../runs/reopen-run.ts';
import { settledRuns } from '../runs/settled-runs.query.ts';
import { takeRate } from '../runs/take-rate.query.ts';
import { claim } from '../shards/claim.ts';
import { leaseShards } from '../shards/lease-shards.query.ts';
import { noteWaits } from '../shards/note-waits.query.ts';
import { releaseShards } from '../shards/release-shards.ts';
import { renewLeases } from '../shards/renew-leases.query.ts';
import { splitShard } from '../shards/split-shard.ts';
import { wakeDue } from '../shards/wake-due.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { listenForWork } from '../wake-ups/listen-for-work.ts';
import type { WorkSignal } from '../wake-ups/work-signal.ts';

/** A ledger with its connections. */
export interface PostgresLedger extends Ledger, RunReader, LogReader, BlobRegister {
  /** Does at once what is otherwise done every minute by one process for all: partitions ahead, pg-boss' maintenance, old runs forgotten. */
  upkeep(): Promise<void>;
  /** Ends pg-boss and all connections; what is under way ends first. */
  close(): Promise<void>;
}

export interface LedgerParts {
  readonly commits: Connections;
  readonly leases: Connections;
  readonly reads: Connections;
  /** For questions of people, which may be slow ones. */
  readonly people: Connections;
  /** For what nobody waits for: pg-boss' own statements. */
  readonly upkeep: Connections;
  readonly queue: WakeUpQueue;
  readonly partitions: Partitions;
  readonly signal: WorkSignal;
  readonly upkeeping: Upkeep;
  readonly listening: ClientConfig;
  readonly onWarning: OnWarning;
}

export function postgresLedger(parts: LedgerParts): PostgresLedger {
  const { queue, signal } = parts;
  return {
    ...runMethods(parts),
    ...shardMethods(parts),
    ...readMethods(parts.reads),
    ...peopleMethods(parts.people),
    ...logMethods(parts),
    recordBlob: (project, blob) => recordBlob(parts.commits, project, blob),
    listen: (onWork, { signal: until }) => listenForWork(parts.listening, onWork, { signal: until, onWarning: parts.onWarning }),
    upkeep: () => parts.upkeeping.now(),
    close: async () => {
      signal.close();
      await parts.upkeeping.close();
      await queue.close();
      await Promise.all([parts.commits, parts.leases, parts.reads, parts.people, parts.upkeep].map((connections) => connections.close()));
    },
  };
}

type RunMethods =
  | 'createRun'
  | 'control'
  | 'allowFailures'
  | 'addShards'
  | 'endRun'
  | 'settledRuns'
  | 'overdueRuns'
  | 'missDeadline'
  | 'reopen'
  | 'takeRate';

function runMethods({ commits: connections, queue, partitions, signal }: LedgerParts): Pick<Ledger, RunMethods> {
  const parts = { connections, queue, partitions, knownRevisions: new Set<string>() };
  const andSignal = <T>(result: T): T => {
    signal.raise();
    return result;
  };
  return {
    createRun: async (run) => andSignal(await createRun(parts, run)),
    control: async (run, control) => andSignal(await controlRun(parts, run, control)),
    allowFailures: (run, basis, allowed) => allowFailures(connections, run, basis, allowed),
    addShards: async (run, shards, gates) => andSignal(await addShards(parts, run, shards, gates)),
    endRun: async (run, end) => andSignal(await endRun(parts, run, end)),
    settledRuns: (limit) => settledRuns(connections, queue.name, limit),
    overdueRuns: (limit) => overdueRuns(connections, queue.name, limit),
    missDeadline: async (run, miss) => andSignal(await missDeadline(parts, run, miss)),
    takeRate: (rate) => takeRate(connections, rate),
    reopen: async (reopening) => andSignal(await reopenRun(parts, reopening)),
  };
}

type ShardMethods = 'claim' | 'claimThese' | 'renew' | 'release' | 'split' | 'noteWaits' | 'commit' | 'wakeDue';

function shardMethods({ commits: connections, leases, queue, signal, upkeeping, onWarning }: LedgerParts): Pick<Ledger, ShardMethods> {
  const lanes = commitLanes();
  return {
    claim: (worker, { max }) => claim(connections, queue, worker, max),
    claimThese: (worker, shards) => leaseShards(connections, worker, shards),
    renew: (worker, held) => renewLeases(leases, worker, held),
    release: async (released) => {
      await releaseShards(connections, queue, released);
      signal.raise();
    },
    split: async (shard, give) => {
      const done = await splitShard(connections, queue, shard, give);
      if (done) signal.raise();
      return done;
    },
    noteWaits: (shard, waits, news) => noteWaits(connections, shard, waits, news),
    commit: async (batch) => {
      const outcome = await lanes.run((lane) =>
        commit({ connections, queue, onWarning }, { ...batch, slot: (batch.slot + lane) % countSlots }),
      );
      if (outcome.kind === 'committed' && batch.newShards.some((shard) => !shard.keep)) signal.raise();
      return outcome;
    },
    wakeDue: async () => {
      upkeeping.tick();
      const { woken, nextDueAt } = await wakeDue(connections, queue);
      if (woken > 0) signal.raise();
      return { woken, nextDueAt };
    },
  };
}

function readMethods(reads: Connections): Omit<Ledger, RunMethods | ShardMethods | 'listen'> {
  return {
    readRun: (run) => readRun(reads, run),
    readPlan: (revision) => readPlan(reads, revision),
    readObjects: (list) => readObjects(reads, list),
    readExecutions: (of) => readExecutions(reads, of),
    readExecutionsBelow: (of) => readExecutionsBelow(reads, of),
    readList: (of, limits) => readList(reads, of, limits),
    streamList: (of) => streamList(reads, of),
    readGates: (run, gates) => readGates(reads, run, gates),
    readChunks: (list) => readChunks(reads, list),
    readLastAttempts: (of) => readLastAttempts(reads, of),
    readCounts: (run) => readCounts(reads, run),
    readOpen: (run) => readOpen(reads, run),
    readEnded: (run, options) => readEnded(reads, run, options),
    hasRunChain: (run) => hasRunChain(reads, run),
  };
}

function peopleMethods(reads: Connections): RunReader {
  return {
    listRuns: (filter, page) => listRuns(reads, filter, page),
    findRun: (cluster, number) => findRun(reads, cluster, number),
    readDetail: (run) => readDetail(reads, run),
    listExecutions: (run, filter, page) => listExecutions(reads, run, filter, page),
    groupFailures: (run, { limit }) => groupFailures(reads, run, limit),
    readAttempts: (run, execution) => readAttempts(reads, run, execution),
    readLogs: (run, filter, page) => readLogs(reads, run, filter, page),
  };
}

function logMethods({ reads, commits, queue }: LedgerParts): LogReader {
  return {
    readLogChunks: (run, after, limit) => readLogChunks(reads, run, after, limit),
    claimForwarding: (worker, { max }) => claimForwarding(commits, worker, { queue: queue.name, max }),
    releaseForwarding: (worker, runs) => releaseForwarding(commits, worker, runs),
    readSinks: (run, sinks) => readSinks(commits, run, sinks),
    advanceSink: (worker, run, state) => advanceSink(commits, worker, run, state),
    finishForwarding: (worker, run, outcome) => finishForwarding(commits, worker, run, outcome),
  };
}
