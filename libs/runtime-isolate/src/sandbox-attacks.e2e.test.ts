import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { residentBytes } from './process/resident-memory.ts';
import { startProcess } from './process/start-process.ts';
import type { IsolateWorld } from './testing/isolate-world.ts';
import { callOpen, createIsolateWorld, objectsOf } from './testing/isolate-world.ts';

const trivial = 'return { run: ({ input }) => [{ input }] };';
const during = (work: string): string => `return { run: async () => { ${work}; return [{ survived: true }]; } };`;

/** Processes of ours that run a sandbox. */
function sandboxes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox-main');
      } catch {
        return false; // it ended between two looks
      }
    });
}

describe('a hostile satellite', () => {
  let world: IsolateWorld;
  beforeAll(async () => {
    world = createIsolateWorld();
    await world.runtime.ready();
  });
  afterAll(() => world.close());

  const attacks: readonly (readonly [string, string])[] = [
    [
      'a million keys',
      'const o = {}; for (let i = 0; i < 1e6; i += 1) o["k" + i] = { i }; globalThis.o = o; for (let i = 0; ; i += 1) o["l" + i] = { i }',
    ],
    ['strings that double', 'let s = "ab"; const all = []; for (;;) { s += s; all.push(s.split("")); }'],
    ['bigints that grow', 'let x = 2n ** 1000000n; for (;;) x = x * x'],
    ['a promise that never settles', 'await new Promise(() => {})'],
    ['a sort of thirty million', 'new Array(3e7).fill().sort(); for (;;);'],
    ['a list without end', 'const a = []; for (;;) a.push(a.length)'],
    ['a catastrophic pattern', '/^(a+)+$/.test("a".repeat(60) + "!")'],
    ['JSON in a loop', 'const o = { a: new Array(1000).fill(1) }; for (;;) JSON.parse(JSON.stringify(o))'],
    ['microtasks without end', 'for (;;) await null'],
    ['objects that were seen to outlive every limit', 'for (;;) new Array(1000).fill({})'],
    ['a loop', 'for (;;);'],
    ['bytes without end', 'const a = []; for (;;) a.push(new Uint8Array(16 * 1024 * 1024).fill(7))'],
  ];

  it.each(attacks)('SBX-01: %s ends as an error or a loss, and harms nobody else', { timeout: 60_000 }, async (_, work) => {
    const other = await world.open(trivial, { run: 'other' });
    const lags: number[] = [];
    const attack = world.call(during(work), { timeoutMs: 1_500 });
    const over = new AbortController();
    void attack.finally(() => over.abort());
    while (!over.signal.aborted) {
      const quiet = await callOpen(other, { inputs: [1] });
      expect(objectsOf(quiet.replies[0])).toEqual([{ input: 1 }]);
      lags.push(quiet.ms);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { end, replies, ms } = await attack;
    await other.close();
    const outcome = end.kind === 'lost' ? end.reason : replies[0]?.kind === 'error' ? replies[0].error.code : 'survived';
    expect(outcome).toMatch(/^(memory|timeout|crash|satellite-error)$/);
    expect(ms).toBeLessThan(6_000);
    lags.sort((a, b) => a - b);
    expect(lags[Math.floor(lags.length * 0.99)] ?? 0).toBeLessThan(2_000);
  });

  it.each([
    ['waits for ever', 'return { run: () => new Promise(() => {}) };'],
    ['loops in a microtask', 'return { run: () => Promise.resolve().then(() => { for (;;); }) };'],
    ['loops in toJSON', 'class Endless { toJSON() { for (;;); } } return { run: () => [{ a: new Endless() }] };'],
    ['loops in a getter', 'return { run: () => [{ get a() { for (;;); } }] };'],
    ['loops in a proxy', 'return { run: () => [new Proxy({}, { ownKeys() { for (;;); } })] };'],
    ['loops in the error that it throws', 'return { run: () => { throw { get message() { for (;;); } }; } };'],
    [
      'loops when its signal aborts',
      'return { run: (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => { for (;;); })) };',
    ],
    ['loops when it is loaded', 'for (;;);'],
  ])('SBX-02: is stopped at its time limit, when it %s', async (_, code) => {
    await world.call(trivial); // a process that has started: only the attack is timed
    const { end, replies, ms } = await world.call(code, { timeoutMs: 1_000 });
    const outcome = end.kind === 'lost' ? end.reason : replies[0]?.kind === 'error' ? replies[0].error.code : 'survived';
    expect(outcome).toBe('timeout');
    expect(ms).toBeGreaterThan(990);
    expect(ms).toBeLessThan(2_500); // 250 ms after the limit at most on an idle machine; tests share theirs
  });

  it('SBX-04: is ended when its process holds too much memory, and the worker holds no more than before', { timeout: 60_000 }, async () => {
    const before = residentBytes(process.pid) ?? 0;
    const hogs = [
      'const a = []; for (;;) { a.push("x".repeat(1e7) + a.length); a.at(-1).charCodeAt(5); await 0; }',
      'const a = []; for (let i = 0; i < 200; i += 1) { a.push(new ArrayBuffer(1e7)); new Uint8Array(a.at(-1)).fill(1); await 0; }',
      'const a = []; for (;;) a.push(Array.from({ length: 1e5 }, (_, n) => "abc" + n + a.length))',
      'const a = []; for (let i = 0; i < 1e6; i += 1) a.push(new TextEncoder().encode("x".repeat(1e6)))',
      'const u = []; for (;;) u.push(new URL("https://a.example/" + "x".repeat(1e5)))',
    ];
    for (const hog of hogs) {
      const { end, replies } = await world.call(during(hog), { timeoutMs: 15_000 });
      const failed = replies[0]?.kind === 'error' ? replies[0].error.message : '';
      expect([end.kind === 'lost' ? end.reason : failed, hog]).toEqual([expect.stringMatching(/memory|allocation|invalid|length/i), hog]);
    }
    expect((residentBytes(process.pid) ?? 0) - before).toBeLessThan(40 * 2 ** 20);
  });

  it('SBX-04: has no memory that an isolate does not count', async () => {
    const { replies } = await world.call(
      'return { run: () => [{ types: [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics] }] };',
    );
    expect(objectsOf(replies[0])).toEqual([{ types: ['undefined', 'undefined', 'undefined'] }]);
  });

  it('SBX-07: whose process the system kills is lost, and the next call works', async () => {
    const open = await world.open('return { run: ({ input }) => input === 1 ? new Promise(() => {}) : [{ input }] };', { run: 'kill' });
    const running = callOpen(open, { inputs: [1, 2] });
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (const pid of sandboxes()) process.kill(pid, 'SIGKILL');
    const { end, replies } = await running;
    expect(end).toMatchObject({ kind: 'lost', reason: 'crash', message: expect.stringContaining('SIGKILL') });
    expect(objectsOf(replies[1])).toEqual([{ input: 2 }]);
    expect(objectsOf((await callOpen(open, { inputs: [3] })).replies[0])).toEqual([{ input: 3 }]);
    await open.close();
  });
});

describe('sandbox processes', () => {
  it('SBX-06: 200 runs one after another and 50 at once leave no process and no open file behind', { timeout: 120_000 }, async () => {
    const files = (): number => readdirSync('/proc/self/fd').length;
    const filesBefore = files();
    const before = sandboxes().length;
    const world = createIsolateWorld({ limits: { idleMs: 60_000 } });
    for (let run = 0; run < 200; run += 1) {
      const { replies } = await world.call(trivial, { inputs: [run] }, { run: `run-${run}`, project: `project-${run % 3}` });
      expect(objectsOf(replies[0])).toEqual([{ input: run }]);
    }
    const rss = sandboxes().map((pid) => residentBytes(pid) ?? 0);
    expect(Math.max(...rss)).toBeLessThan(200 * 2 ** 20);
    const many = Array.from({ length: 50 }, (_, run) =>
      world.call(
        'return { run: async ({ input }) => { await new Promise((done) => setTimeout(done, 100)); return [{ input }]; } };',
        { inputs: [run] },
        { run: `many-${run}` },
      ),
    );
    for (const [run, told] of (await Promise.all(many)).entries()) expect(objectsOf(told.replies[0])).toEqual([{ input: run }]);
    await world.close();
    expect(sandboxes().length).toBe(before);
    expect(files()).toBeLessThanOrEqual(filesBefore + 1);
  });

  it('SBX-06: an idle process ends by itself', async () => {
    const world = createIsolateWorld({ limits: { idleMs: 200 } });
    await world.call(trivial);
    expect(sandboxes().length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(sandboxes().length).toBe(0);
    await world.close();
  });

  it('SBX-08: refuse to start without --no-node-snapshot, in a sentence', async () => {
    const world = createIsolateWorld({ nodeArguments: [] });
    await expect(world.runtime.ready()).rejects.toMatchObject({
      code: 'runtime-unavailable',
      message: expect.stringContaining('was started without --no-node-snapshot'),
    });
    await world.close();
  });

  it('may read their own code alone, and start nothing', async () => {
    const main = join(import.meta.dirname, 'testing/permission-probe.ts');
    const child = startProcess({ node: process.execPath }, main);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((resolve) => child.on('close', resolve));
    expect(JSON.parse(said)).toEqual({
      environment: {},
      'read /etc/passwd': 'ERR_ACCESS_DENIED',
      'read the home folder': 'ERR_ACCESS_DENIED',
      'write a file': 'ERR_ACCESS_DENIED',
      'start a process': 'ERR_ACCESS_DENIED',
      'start a thread': 'ERR_ACCESS_DENIED',
    });
  });

  it('serve one project at a time', { timeout: 30_000 }, async () => {
    const world = createIsolateWorld({ limits: { processes: 1 } });
    const a = await world.open(trivial, { project: 'a' });
    await callOpen(a);
    const [first] = sandboxes();
    expect(readFileSync(`/proc/${first}/limits`, 'utf8')).toMatch(/Max core file size +0 +0/);
    const b = await world.open(trivial, { project: 'b' });
    await callOpen(b);
    expect(sandboxes()).not.toContain(first);
    await world.close();
  });
});
