import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IsolateWorld } from './testing/isolate-world.ts';
import { callOpen, createIsolateWorld, objectsOf } from './testing/isolate-world.ts';

const busy = 'const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };';

describe('a call whose requests take long', () => {
  let world: IsolateWorld;
  beforeAll(async () => {
    world = createIsolateWorld();
    await world.runtime.ready();
  });
  afterAll(() => world.close());

  it('counts the time limit of each request from its own start', async () => {
    const code = `${busy} return { run: ({ input }) => { busy(100); return [{ input }]; } };`;
    const { end, replies, ms } = await world.call(code, { inputs: Array.from({ length: 12 }, (_, n) => n), timeoutMs: 700 });
    expect(ms).toBeGreaterThan(1_100);
    expect(end).toEqual({ kind: 'done' });
    expect(replies.map(objectsOf)).toEqual(Array.from({ length: 12 }, (_, input) => [{ input }]));
  });

  it('answers requests as they end, though others are still to be started', async () => {
    const open = await world.open(`${busy} return { run: async ({ input }) => { busy(60); return [{ input }]; } };`);
    const times: number[] = [];
    await open.invoke(
      {
        requests: [0, 1, 2, 3, 4, 5].map((input) => ({
          execution: 'r/s/0',
          idempotencyKey: 'r/s/0',
          attempt: 1,
          deadline: '2030-01-01T00:00:00.000Z',
          resume: null,
          config: {},
          input,
          item: input,
          secrets: {},
        })),
        mode: 'each',
        timeoutMs: 20_000,
        events: { reply: () => void times.push(performance.now()), objects: async () => {}, log: () => {} },
      },
      { signal: new AbortController().signal },
    );
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(150);
    await open.close();
  });

  it('runs those again in the same attempt that were stopped only for a neighbour over its limit', async () => {
    const code = `${busy} return { run: async ({ input }) => {
      if (input === 'hangs') return new Promise(() => {});
      if (input === 'busy') { busy(150); return [{ input }]; }
      await new Promise((done) => setTimeout(done, 500));
      return [{ input }];
    } };`;
    const inputs = ['hangs', 'busy', 'busy', 'slow'];
    const { end, replies } = await world.call(code, { inputs, timeoutMs: 700 });
    expect(end).toEqual({ kind: 'done' });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'timeout' } });
    expect(replies.slice(1).map(objectsOf)).toEqual([[{ input: 'busy' }], [{ input: 'busy' }], [{ input: 'slow' }]]);
  });

  it('runs those again that were never started when a neighbour had to be killed', async () => {
    const code = `${busy} return { run: ({ input }) => { if (input === 1) for (;;); busy(50); return [{ input }]; } };`;
    const { end, replies } = await world.call(code, { inputs: [0, 1, 2, 3], timeoutMs: 600 });
    expect(end).toMatchObject({ kind: 'lost', reason: 'timeout' });
    expect(replies.map(objectsOf)).toEqual([[{ input: 0 }], undefined, [{ input: 2 }], [{ input: 3 }]]);
  });

  it('keeps the log records of each request in its place when a part of the call runs again', async () => {
    const code = `return { run: async ({ input }, { log }) => {
      log.info('began ' + input);
      if (input === 'hangs') return new Promise(() => {});
      await new Promise((done) => setTimeout(done, input === 'late' ? 350 : 10));
      return [{ input }];
    } };`;
    const open = await world.open(code);
    const { logs, replies } = await callOpen(open, { inputs: ['quick', 'hangs', 'late'], timeoutMs: 800 });
    await open.close();
    expect(objectsOf(replies[2])).toEqual([{ input: 'late' }]);
    for (const { index, message } of logs) expect(message).toBe(`began ${['quick', 'hangs', 'late'][index] ?? ''}`);
  });
});
