import type { RunId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, CommitOutcome } from '@exosphere/ports';
import { newId, sampleCommit, sampleExecution, sampleGate, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLedger } from '../ledger/connect-ledger.ts';
import type { PostgresLedger } from '../ledger/postgres-ledger.ts';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';

describe('gates and ends that many reach at once', () => {
  const parents = 100;
  let under: TestLedger;
  let ledgers: readonly PostgresLedger[];
  beforeAll(async () => {
    under = await openTestLedger();
    ledgers = await Promise.all(Array.from({ length: 3 }, () => connectLedger({ connectionString: under.url, commitConnections: 8 })));
  });
  afterAll(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await under.close();
  });

  const startAndClaim = async (run: RunId): Promise<readonly ClaimedShard[]> => {
    const shards = Array.from({ length: parents }, () => sampleShard(run));
    await under.ledger.createRun(sampleRun(run, { shards }));
    return under.ledger.claimThese(newId<WorkerId>(), shards.map((shard) => shard.id)); // prettier-ignore
  };
  const commitAll = (
    shards: readonly ClaimedShard[],
    gatesOf: (run: RunId) => readonly ReturnType<typeof sampleGate>[],
  ): Promise<readonly CommitOutcome[]> =>
    Promise.all(
      shards.map(async (shard, i) => {
        const ledger = ledgers[i % ledgers.length] ?? under.ledger;
        const ended = [sampleExecution(shard.run, [i])];
        return ledger.commit({ slot: i % 16, shards: [sampleCommit(shard, { ended, gates: gatesOf(shard.run) })], newShards: [] });
      }),
    );

  it('fires once, after all of a hundred parents have ended (DAG-05)', { timeout: 120_000 }, async () => {
    for (let repeat = 0; repeat < 20; repeat += 1) {
      const run = newId<RunId>();
      const outcomes = await commitAll(await startAndClaim(run), () => [sampleGate(run, { initial: parents, tally: [1, 2, 3] })]);
      const fired = outcomes.flatMap((outcome) => (outcome.kind === 'committed' ? outcome.fired : []));
      expect(outcomes.filter((outcome) => outcome.kind !== 'committed')).toEqual([]);
      expect(fired).toHaveLength(1);
      const [gate] = await under.ledger.readGates(run, [{ step: 7, path: [], origin: -1, round: 0 }]);
      expect(gate).toMatchObject({ open: 0, tally: [parents, 2 * parents, 3 * parents], decided: true });
    }
  });

  it('fires each of many gates once that commits touch in different orders', { timeout: 60_000 }, async () => {
    const run = newId<RunId>();
    let turn = 0;
    const outcomes = await commitAll(await startAndClaim(run), () => {
      turn += 1;
      const gates = [3, 9, 1, 7, 5].map((step) => sampleGate(run, { step, initial: parents }));
      return turn % 2 === 0 ? gates : gates.reverse();
    });
    const fired = outcomes.flatMap((outcome) => (outcome.kind === 'committed' ? outcome.fired : []));
    const steps = fired.flatMap((shard) => (JSON.parse(shard.members) as { s: number }[]).map((member) => member.s));
    expect(steps.sort()).toEqual([1, 3, 5, 7, 9]);
  });

  it('tells at least one of those who end the last shards at the same time that the run is settled', { timeout: 60_000 }, async () => {
    for (let repeat = 0; repeat < 20; repeat += 1) {
      const run = newId<RunId>();
      const outcomes = await commitAll(await startAndClaim(run), () => []);
      const settled = outcomes.flatMap((outcome) => (outcome.kind === 'committed' ? outcome.settled : []));
      expect(new Set(settled)).toEqual(new Set([run]));
    }
  });
});
