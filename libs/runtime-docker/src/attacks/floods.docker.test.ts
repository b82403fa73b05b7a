import { requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld, Told, WorldCall } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';
import { watchThisProcess } from '../testing/watched-process.ts';

const mebibyte = 2 ** 20;
/** MiB; between 0 and 45 were measured, of what Node reads into and frees in bulk. */
const most = 64;

describe('what a container prints', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
    // the first floods are those by which the process grows to its usual size
    for (const script of ['yes ""', 'cat /dev/zero', 'head -c 1000000000 /dev/zero | tr "\\0" x']) await world.call(script);
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  /** Calls, and says by how many MiB this process grew, and for how long it was held up. */
  async function watched(script: string, call: WorldCall = {}, mode = 'once'): Promise<Told & { grownMiB: number; stalledMs: number }> {
    const watch = watchThisProcess();
    const told = await world.call(script, { timeoutMs: 60_000, ...call }, {}, { mode });
    watch.stop();
    return { ...told, grownMiB: Math.round(watch.grown() / mebibyte), stalledMs: Math.round(watch.stalled()) };
  }

  const flood = { kind: 'error', error: { code: 'output-flood', retryable: false } };

  it.each([
    ['a line of a gigabyte', 'head -c 1000000000 /dev/zero | tr "\\0" x'],
    [
      'a gigabyte of lines at full speed',
      'yes "not an answer, but a line that goes on for a while, as libraries like to print them" | head -c 1000000000',
    ],
    ['a gigabyte of empty lines', 'yes "" | head -c 1000000000'],
    ['zero bytes without end', 'cat /dev/zero'],
    ['openings of escape sequences without end', 'yes "$(printf "\\\\033]%.0s" $(seq 2000))"'],
    ['a gigabyte on standard error', 'yes problem >&2'],
    ['a gigabyte of short lines', 'yes x | head -c 1000000000'],
    ['lines that begin as objects', 'yes "{ is no object" | head -c 1000000000'],
  ])('CTR-08: %s ends in an error, and costs the worker little memory and no time', async (_, script) => {
    const { replies, logs, grownMiB, stalledMs } = await watched(script);
    expect(replies[0]).toMatchObject(flood);
    expect(grownMiB).toBeLessThan(most);
    expect(stalledMs).toBeLessThan(2_000);
    expect(logs.length).toBeLessThanOrEqual(1_001);
    expect(logs.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(mebibyte);
  });

  it('CTR-08: 60 MB without an end of line are shown by their beginning, with a mark', async () => {
    const { replies, logs, grownMiB } = await watched('head -c 60000000 /dev/zero | tr "\\0" x; echo; echo \'{"a":1}\'');
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    expect(grownMiB).toBeLessThan(most);
    expect(logs.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(70_000);
    expect(logs.at(-1)?.message).toMatch(/^x*…$/);
  });

  it('CTR-08: of many records, the first are kept and the last one says how many were left out', async () => {
    const { replies, logs } = await watched('yes line | head -n 5000; echo \'{"a":1}\'');
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    expect(logs).toHaveLength(1_001);
    expect(logs.at(-1)).toMatchObject({ level: 'warn', message: expect.stringMatching(/^4000 more log records were left out/) });
  });

  it('CTR-08: floods of a warm container end it, and the next request has another', async () => {
    const script = shellWorker(`if echo "$line" | grep -q '"item":"flood"'; then cat /dev/zero; fi; ${answersOne}`);
    const { replies, grownMiB } = await watched(script, { inputs: ['flood'] }, 'worker');
    expect(replies[0]).toMatchObject({ kind: 'error', error: { message: expect.stringContaining('printed more than 64 MiB') } });
    expect(grownMiB).toBeLessThan(most);
    expect(objectsOf((await watched(script, { inputs: ['fine'] }, 'worker')).replies[0])).toEqual([{ a: 1 }]);
  });

  it('CTR-08: comes through as it is, however it is cut: characters of several bytes, in single writes', async () => {
    const euro = ['\\342', '\\202', '\\254'].map((byte) => `printf '${byte}'; sleep 0.05`).join('; ');
    const { replies, logs } = await watched(`printf '{"euro":"'; ${euro}; echo '"}'; ${euro}; echo; ${euro.replaceAll("'", '"')} >&2`);
    expect(objectsOf(replies[0])).toEqual([{ euro: '€' }]);
    expect(logs.map(({ message }) => message)).toEqual(['€', '€']);
  });

  it('CTR-08: cannot pass for a frame of the engine, nor for another stream', async () => {
    const header = "printf '\\002\\000\\000\\000\\000\\000\\000\\016forged message\\n'";
    const { replies, logs } = await watched(`${header}; printf '\\001\\000\\000\\000\\377\\377\\377\\377'; echo; echo '{"a":1}'`);
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    expect(logs.map(({ level, message }) => [level, message.replaceAll('\ufffd', '')])).toEqual([
      ['warn', 'forged message'],
      ['warn', ''],
    ]);
  });

  it('CTR-08: has no escape sequences and no zero bytes in the log', async () => {
    const { logs } = await watched(
      "printf '\\033[2J\\033[31mred\\033[0m\\033]0;owned\\007\\033]8;;http://evil.test\\007link\\033]8;;\\007\\033P1$r\\033\\\\ a\\000b\\rover\\b\\n'",
    );
    expect(logs.map(({ message }) => message)).toEqual(['redlink a\ufffdbover\ufffd']);
  });

  it.each([
    ['standard output', 'exec >&-; echo problem >&2; sleep 0.3; exit 0'],
    ['both', 'exec >&- 2>&-; sleep 0.3; exit 3'],
    ['all, while the program goes on', 'exec <&- >&- 2>&-; sleep 0.3; exit 0'],
  ])('CTR-08: may end early: %s', async (_, script) => {
    const { end, replies } = await watched(script);
    expect(end).toEqual({ kind: 'done' });
    if (script.endsWith('3'))
      expect(replies[0]).toMatchObject({ kind: 'error', error: { message: expect.stringContaining('exit code 3') } });
    else expect(objectsOf(replies[0])).toEqual([]);
  });
});
