import type { Ledger, LogReader } from '@exosphere/ports';

/** What has crash points. */
type Crashing = Ledger & LogReader;

/** Where a process may die, or lose its connection: before or after a method of the ledger had its effect. */
export type CrashPoint = (method: keyof Crashing, phase: 'before' | 'after') => void | Promise<void>;

/**
 * The same ledger as one process sees it.
 *
 * A crash point that throws `before` keeps the method from happening; `after` it has happened, and the caller does not know: the
 * unknown outcome of a commit. One that never settles is the death of the process at this point.
 */
export function withCrashPoints(ledger: Crashing, crashPoint: CrashPoint): Crashing {
  return { ...tablesWith(ledger, crashPoint), ...logsWith(ledger, crashPoint) };
}

type Call = <Args extends readonly unknown[], Answer>(
  method: keyof Crashing,
  effect: (...args: Args) => Promise<Answer>,
) => (...args: Args) => Promise<Answer>;

function callsWith(crashPoint: CrashPoint): Call {
  return (method, effect) =>
    async (...args) => {
      await crashPoint(method, 'before');
      const answer = await effect(...args);
      await crashPoint(method, 'after');
      return answer;
    };
}

function tablesWith(ledger: Ledger, crashPoint: CrashPoint): Ledger {
  const call = callsWith(crashPoint);
  const stream = <Of, Part>(method: keyof Ledger, effect: (of: Of) => AsyncIterable<Part>) =>
    async function* (of: Of): AsyncGenerator<Part> {
      await crashPoint(method, 'before');
      yield* effect(of);
      await crashPoint(method, 'after');
    };
  return {
    createRun: call('createRun', ledger.createRun),
    readRun: call('readRun', ledger.readRun),
    readPlan: call('readPlan', ledger.readPlan),
    claim: call('claim', ledger.claim),
    claimThese: call('claimThese', ledger.claimThese),
    renew: call('renew', ledger.renew),
    release: call('release', ledger.release),
    split: call('split', ledger.split),
    noteWaits: call('noteWaits', ledger.noteWaits),
    commit: call('commit', ledger.commit),
    wakeDue: call('wakeDue', ledger.wakeDue),
    listen: call('listen', ledger.listen),
    readObjects: call('readObjects', ledger.readObjects),
    readExecutions: call('readExecutions', ledger.readExecutions),
    readExecutionsBelow: call('readExecutionsBelow', ledger.readExecutionsBelow),
    readList: call('readList', ledger.readList),
    streamList: stream('streamList', ledger.streamList),
    readGates: call('readGates', ledger.readGates),
    readChunks: stream('readChunks', ledger.readChunks),
    readLastAttempts: call('readLastAttempts', ledger.readLastAttempts),
    readCounts: call('readCounts', ledger.readCounts),
    readOpen: call('readOpen', ledger.readOpen),
    readEnded: call('readEnded', ledger.readEnded),
    takeRate: call('takeRate', ledger.takeRate),
    control: call('control', ledger.control),
    allowFailures: call('allowFailures', ledger.allowFailures),
    addShards: call('addShards', ledger.addShards),
    endRun: call('endRun', ledger.endRun),
    settledRuns: call('settledRuns', ledger.settledRuns),
    overdueRuns: call('overdueRuns', ledger.overdueRuns),
    missDeadline: call('missDeadline', ledger.missDeadline),
    reopen: call('reopen', ledger.reopen),
    hasRunChain: call('hasRunChain', ledger.hasRunChain),
  };
}

function logsWith(reader: LogReader, crashPoint: CrashPoint): LogReader {
  const call = callsWith(crashPoint);
  return {
    readLogChunks: call('readLogChunks', reader.readLogChunks),
    claimForwarding: call('claimForwarding', reader.claimForwarding),
    releaseForwarding: call('releaseForwarding', reader.releaseForwarding),
    readSinks: call('readSinks', reader.readSinks),
    advanceSink: call('advanceSink', reader.advanceSink),
    finishForwarding: call('finishForwarding', reader.finishForwarding),
  };
}
