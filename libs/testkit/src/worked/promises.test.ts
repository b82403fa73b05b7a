import type { JsonObject } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { testCatalogManifests } from '../test-satellites.ts';
import type { MemoryStageOptions } from './memory-stage.ts';
import { memoryStage } from './memory-stage.ts';
import type { Played } from './play-case.ts';
import { playCase } from './play-case.ts';

async function play(
  satellites: readonly JsonObject[],
  options: Partial<MemoryStageOptions> & { readonly describes?: readonly string[] } = {},
): Promise<Played> {
  const { describes, ...stageOptions } = options;
  const stage = memoryStage({ seed: 1, workers: 2, ...stageOptions });
  try {
    const cluster = { version: '0.0.1b', cluster: { identifier: 'test/promises', sla: '6h', trigger: { 'api-call': {} }, satellites } };
    const example = {
      name: 'promises',
      cluster,
      clusters: {},
      manifests: testCatalogManifests,
      inputs: {},
      faults: [],
      actions: [],
      expect: {},
    };
    return await playCase(describes === undefined ? stage : { ...stage, describes }, example);
  } finally {
    await stage.close();
  }
}

const list = (count: number): JsonObject => ({
  identifier: 'src',
  uses: 'test/list',
  config: { items: Array.from({ length: count }, (_, n) => ({ n })) },
});

describe('DAG-12 a list', () => {
  for (const count of [0, 1, 10_000]) {
    it(`of ${String(count)} objects fans out to as many executions`, { timeout: 60_000 }, async () => {
      const played = await play([list(count), { identifier: 'work', uses: 'test/echo' }], { describes: [] });
      expect(played.seen?.run).toBe('completed');
      expect(played.seen?.steps['work']?.['completed'] ?? 0).toBe(count);
      expect(played.calls.filter((call) => call.step === 'work').length).toBe(count);
    });
  }
});

describe('DAG-08 retries', () => {
  for (const retries of [0, 1, 5]) {
    it(`makes ${String(retries + 1)} attempts with retries ${String(retries)}, and one where the error is not to be retried`, async () => {
      const work = { identifier: 'work', uses: 'test/fail', retries, config: { when: true } };
      const played = await play([
        list(1),
        work,
        { identifier: 'final', uses: 'test/fail', needs: ['src'], retries, config: { when: true, retryable: false } },
      ]);
      expect(played.seen?.executions['work[0]']).toMatchObject({ status: 'failed', attempts: retries + 1, retries });
      expect(played.seen?.executions['final[0]']).toMatchObject({ status: 'failed', attempts: 1, retries: 0 });
    });
  }
});

describe('DAG-16 `on-ambiguous: fail`', () => {
  it('never repeats a call whose worker died before the result was recorded', async () => {
    let called = false;
    const fates: NonNullable<MemoryStageOptions['fates']> = ({ method, phase }) => {
      // the first commit records the list; the second would record what the effect gave
      if (method === 'split' && phase === 'after') called = true;
      if (!called || method !== 'commit' || phase !== 'before') return 'go';
      called = false;
      return 'die';
    };
    const played = await play([list(1), { identifier: 'effect', uses: 'test/echo', 'on-ambiguous': 'fail' }], { fates });
    expect(played.calls.filter((call) => call.step === 'effect').length).toBe(1);
    expect(played.seen?.executions['effect[0]']).toMatchObject({ status: 'failed', error: { code: 'ambiguous' } });
  });

  it('repeats it without', async () => {
    let commits = 0;
    const fates: NonNullable<MemoryStageOptions['fates']> = ({ method, phase }) => {
      if (method === 'commit' && phase === 'before') commits += 1;
      return method === 'commit' && phase === 'before' && commits === 2 ? 'die' : 'go';
    };
    const played = await play([list(1), { identifier: 'effect', uses: 'test/echo' }], { fates });
    expect(played.calls.filter((call) => call.step === 'effect').length).toBe(2);
    expect(played.seen?.executions['effect[0]']).toMatchObject({ status: 'completed' });
  });
});

describe('DAG-01 a worker that dies before or after any commit', () => {
  const satellites: readonly JsonObject[] = [
    { identifier: 'src', uses: 'test/list', config: { items: [1, 2, 3].map((n) => ({ n, parts: [{ n }, { n: n + 10 }] })) } },
    { identifier: 'check', uses: 'test/fail', retries: 1, 'continue-on-error': true, config: { when: '${{ item.n == 2 }}' } },
    { identifier: 'pages', uses: 'test/split', needs: ['src'] },
    { identifier: 'ocr', uses: 'test/echo' },
    { identifier: 'join', uses: 'test/echo', needs: ['check', 'ocr'], input: { ns: '${{ satellites.ocr.output.*.n }}' } },
    { identifier: 'total', uses: 'test/echo', collect: 'run', input: { joins: '${{ satellites.join.output }}' } },
  ];

  /** Plays the cluster with one worker, of which the one that makes commit number `at` dies there. */
  const playWithDeath = async (at: number, phase: 'before' | 'after'): Promise<{ played: Played; commits: number }> => {
    let commits = 0;
    const fates: NonNullable<MemoryStageOptions['fates']> = (point) => {
      if (point.method !== 'commit' || point.phase !== phase) return 'go';
      commits += 1;
      return commits === at ? 'die' : 'go';
    };
    return { played: await play(satellites, { fates, workers: 1 }), commits };
  };

  it('loses nothing, records nothing twice, and fires each join and collect once', { timeout: 120_000 }, async () => {
    const plain = await playWithDeath(0, 'before');
    expect(plain.played.seen?.run).toBe('completed');
    expect(plain.commits).toBeGreaterThan(5);
    for (let at = 1; at <= plain.commits; at += 1) {
      for (const phase of ['before', 'after'] as const) {
        const { played } = await playWithDeath(at, phase);
        expect({ at, phase, steps: played.seen?.steps, total: played.seen?.executions['total']?.['output'] }).toEqual({
          at,
          phase,
          steps: plain.played.seen?.steps,
          total: plain.played.seen?.executions['total']?.['output'],
        });
      }
    }
  });
});

describe('`max-parallel`', () => {
  for (const workers of [1, 3]) {
    it(`is kept to, with ${String(workers)} workers, and used to the full`, async () => {
      const work = { identifier: 'work', uses: 'test/fail', retries: 0, 'max-parallel': 4, config: { when: '${{ item.n == 7 }}' } };
      const played = await play([list(40), work, { identifier: 'after', uses: 'test/echo' }], { workers, callMs: 100 });
      expect(played.seen?.steps['work']).toMatchObject({ completed: 39, failed: 1 });
      expect(played.seen?.steps['after']).toMatchObject({ completed: 39 });
      expect(Math.max(...played.calls.filter((call) => call.step === 'work').map((call) => call.underWay))).toBe(4);
    });
    it(`is kept to by a join, with ${String(workers)} workers`, async () => {
      const side = (identifier: string): JsonObject => ({ identifier, uses: 'test/echo', needs: ['src'] });
      const join = { identifier: 'join', uses: 'test/echo', needs: ['a', 'b'], 'max-parallel': 2 };
      const played = await play([list(20), side('a'), side('b'), join], { workers, callMs: 100 });
      expect(played.seen?.steps['join']).toMatchObject({ completed: 20 });
      expect(Math.max(...played.calls.filter((call) => call.step === 'join').map((call) => call.underWay))).toBe(2);
    });
  }
});
