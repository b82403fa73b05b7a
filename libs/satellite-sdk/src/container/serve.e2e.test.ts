import { afterEach, describe, expect, it } from 'vitest';
import { endContainers, hello, nonce, request, startContainer } from './testing/container-process.ts';

afterEach(endContainers);

describe('a satellite in a container, fed by a worker', () => {
  it('says when it is ready, answers, and exits when its input ends', async () => {
    const container = startContainer();
    await container.answer({ exosphere: 1, ready: true });
    container.send(request(1, 'echo', { a: [1, null, 'ü\u2028'] }));
    expect(await container.answer({ nonce: nonce(1) })).toEqual({ nonce: nonce(1), objects: [{ input: { a: [1, null, 'ü\u2028'] } }] });
    container.process.stdin?.end();
    expect(await container.exited()).toEqual({ code: 0, signal: null });
  });

  it('begins each answer with its nonce', async () => {
    const container = startContainer();
    container.send(request(1, 'log'), request(2, 'fail'), request(3, 'metrics'));
    await container.answer({ nonce: nonce(3) });
    for (const line of container.lines.slice(1)) expect(line).toMatch(/^\{"nonce":"[0-9a-f]{32}",/);
  });

  it('tells the satellite who it works for', async () => {
    const container = startContainer({ hello: { ...hello, endpoints: { s3: 'http://127.0.0.1:9000/' } } });
    container.send(request(1, 'context', null, { attempt: 3, resume: { count: 2, 'last-key': 'k1' } }), request(2, 'endpoint'));
    const { objects } = await container.answer({ nonce: nonce(1) });
    expect(objects).toMatchObject([
      { execution: 'run/step/1', idempotencyKey: 'run/step/1', attempt: 3, resume: { count: 2, lastKey: 'k1' } },
    ]);
    expect(await container.answer({ nonce: nonce(2) })).toMatchObject({ objects: [{ s3: 'http://127.0.0.1:9000', other: 'http://else' }] });
  });

  it('answers as requests end, not in their order', async () => {
    const container = startContainer();
    container.send(request(1, 'slowly', { ms: 300 }), request(2, 'echo'));
    await container.answer({ nonce: nonce(1) });
    expect(container.answersTo(nonce(2))).toHaveLength(1);
    expect(JSON.parse(container.lines.at(-1) ?? '')).toMatchObject({ nonce: nonce(1) });
  });

  it('gives the error that a satellite chose, and satellite-error for any other, with its stack in the log', async () => {
    const container = startContainer();
    container.send(request(1, 'fail'), request(2, 'break'));
    expect(await container.answer({ nonce: nonce(1) })).toEqual({
      nonce: nonce(1),
      error: { message: 'Slow down.', code: 'http-unavailable', retryable: false, 'retry-after': 1_500 },
    });
    const { error } = await container.answer({ nonce: nonce(2), error: undefined });
    expect(error).toEqual({ message: 'undefined is not a function', code: 'satellite-error', retryable: true, 'retry-after': null });
    expect(container.answersTo(nonce(2))[0]).toMatchObject({
      log: { level: 'debug', fields: { stack: expect.stringContaining('TypeError') } },
    });
  });

  it.each([
    ['NaN', 'NaN at /a/0'],
    ['bigint', 'a bigint at /a'],
    ['function', 'a function at /a'],
    ['text', 'returned a string'],
  ])('refuses an output with %s', async (input, message) => {
    const container = startContainer();
    container.send(request(1, 'return', input));
    const { error } = await container.answer({ nonce: nonce(1), error: undefined });
    expect(error).toMatchObject({ code: 'output-invalid', retryable: true, message: expect.stringContaining(message) });
  });

  it('refuses an output that refers to itself', async () => {
    const container = startContainer();
    container.send(request(1, 'cycle'));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({ error: { code: 'output-invalid' } });
  });

  it('gives log records their level, fields and time, and the last value of each metric', async () => {
    const container = startContainer();
    container.send(request(1, 'log'), request(2, 'metrics'));
    await container.answer({ nonce: nonce(1), objects: [] });
    const [first, second] = container.answersTo(nonce(1));
    expect(first).toMatchObject({ log: { level: 'debug', message: 'first', fields: {} } });
    expect(second).toMatchObject({ log: { level: 'warn', message: 'second', fields: { n: 2 } } });
    expect(Math.abs(Date.parse(first?.['log'].time) - Date.now())).toBeLessThan(60_000);
    const { metrics } = await container.answer({ nonce: nonce(2), objects: [] });
    expect(JSON.stringify(metrics)).toBe('{"tokens":12,"model":"a","__proto__":1}');
  });

  it('cuts a log that is too long, with a mark', async () => {
    const container = startContainer();
    container.send(request(1, 'log-much'));
    await container.answer({ nonce: nonce(1), objects: [] });
    expect(container.answersTo(nonce(1)).at(-2)).toMatchObject({ log: { level: 'warn', fields: { 'left-out': 5 } } });
  });

  it('puts lines together that come in pieces, also within a character', async () => {
    const container = startContainer();
    const bytes = Buffer.from(`${JSON.stringify(request(1, 'echo', 'grün € 😀'))}\n${JSON.stringify(request(2, 'echo', 'next'))}\n`);
    await container.answer({ ready: true });
    for (const byte of bytes) {
      container.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await container.answer({ nonce: nonce(1) })).toMatchObject({ objects: [{ input: 'grün € 😀' }] });
    expect(await container.answer({ nonce: nonce(2) })).toMatchObject({ objects: [{ input: 'next' }] });
  });

  it('takes and gives lines of 20 MB', async () => {
    const container = startContainer();
    const text = 'ä'.repeat(10_000_000);
    container.send(request(1, 'echo', text), request(2, 'large', { objects: 20, characters: 1_000_000 }), request(3, 'echo'));
    const { objects } = await container.answer({ nonce: nonce(1) });
    expect(objects[0].input === text).toBe(true);
    expect((await container.answer({ nonce: nonce(2) }))['objects'].map(({ n }: { n: number }) => n)).toEqual([...Array(20).keys()]);
    await container.answer({ nonce: nonce(3) });
  });

  it('SBX-05: refuses an object of more than 64 MiB for good', async () => {
    const container = startContainer();
    container.send(request(1, 'large', { objects: 1, characters: 68_000_000 }));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({
      error: { code: 'output-too-large', retryable: false },
    });
  });

  it('reads no more while the worker does not', async () => {
    const container = startContainer();
    await container.answer({ ready: true });
    const { stdin, stdout } = container.process;
    stdout?.pause();
    const text = 'x'.repeat(100_000);
    for (let n = 1; n <= 200; n += 1) container.send(request(n, 'echo', text));
    let before = -1;
    const unread = (): boolean => before === (before = stdin?.writableLength ?? 0);
    await expect.poll(unread, { interval: 300, timeout: 20_000 }).toBe(true);
    expect(before).toBeGreaterThan(10_000_000);
    stdout?.resume();
    await container.answer({ nonce: nonce(200) });
    expect(container.lines).toHaveLength(201);
  });

  it('says what of the worker it cannot read, and goes on', async () => {
    const container = startContainer();
    container.send('{"nonce": broken\n', request(1, 'echo', 'next'));
    await container.answer({ nonce: nonce(1) });
    expect(container.stderr()).toContain('cannot be read');
  });

  it('refuses a worker that speaks another version', async () => {
    const container = startContainer({ hello: { ...hello, exosphere: 2 } });
    expect(await container.exited()).toEqual({ code: 1, signal: null });
    expect(container.stderr()).toContain('The worker speaks version 2 of the protocol, this image version 1');
  });

  it('answers every request with what is wrong where there is no satellite', async () => {
    const container = startContainer({ entry: 'serve-nothing.ts' });
    container.send(request(1, 'echo'));
    const { error } = await container.answer({ nonce: nonce(1), error: undefined });
    expect(error).toMatchObject({ code: 'satellite-invalid', retryable: false, message: expect.stringContaining('no function `run`') });
  });

  it('lives on when a promise is rejected that nobody waits for, and tells of it', async () => {
    const container = startContainer();
    container.send(request(1, 'reject'));
    await container.answer({ nonce: nonce(1), objects: [] });
    expect(container.answersTo(nonce(1))[0]).toMatchObject({
      log: { level: 'error', message: expect.stringContaining('nobody waits for this') },
    });
  });
});

describe('what a satellite in a container prints', () => {
  it.each(['sockets', 'pipes'] as const)('stays out of the protocol (%s)', async (streams) => {
    const container = startContainer({ streams });
    container.send(request(1, 'print', 'Ada'), request(2, 'print', 'Bob'));
    await container.answer({ nonce: nonce(1), objects: [] });
    await container.answer({ nonce: nonce(2), objects: [] });
    expect(container.answersTo(nonce(1)).map(({ log }) => log?.message)).toEqual(['Ada has { a: 1 }', 'and later Ada', undefined]);
    expect(container.answersTo(nonce(2)).map(({ log }) => log?.message)).toEqual(['Bob has { a: 1 }', 'and later Bob', undefined]);
    await expect.poll(() => container.stderr()).toContain('straight to stdout\n');
    expect(container.stderr()).toContain('printed while the module loads\nwritten while the module loads\n');
  });

  it('goes to stderr also from native code and from programs that it starts', async () => {
    const container = startContainer({ streams: 'pipes' });
    container.send(request(1, 'print', 'Ada'));
    await container.answer({ nonce: nonce(1), objects: [] });
    expect(container.lines).toHaveLength(4);
    await expect.poll(() => container.stderr()).toContain('straight to descriptor 1\nof a program\n');
  });
});

describe('a list that is handed on in parts', () => {
  it('waits until each part is taken', async () => {
    const container = startContainer();
    container.send(request(1, 'emit'), request(2, 'slowly', { ms: 50 }));
    await container.answer({ nonce: nonce(1), emit: [{ n: 0 }] });
    await container.answer({ nonce: nonce(2) });
    expect(container.answersTo(nonce(1))).toHaveLength(1);
    for (const n of [1, 2]) {
      container.send({ taken: nonce(1) });
      await container.answer({ nonce: nonce(1), emit: [{ n }] });
    }
    container.send({ taken: nonce(1) });
    expect(await container.answer({ nonce: nonce(1), objects: [{ n: 3 }] })).toBeDefined();
  });

  it('is whole before the end, also where the satellite did not wait', async () => {
    const container = startContainer();
    container.send(request(1, 'emit-and-leave'));
    for (const n of [0, 1]) {
      await container.answer({ nonce: nonce(1), emit: [{ n }] });
      container.send({ taken: nonce(1) });
    }
    await container.answer({ nonce: nonce(1), objects: [{ n: 2 }] });
    expect(container.answersTo(nonce(1))).toHaveLength(3);
  });

  it('ends when the attempt is stopped', async () => {
    const container = startContainer();
    container.send(request(1, 'emit'));
    await container.answer({ nonce: nonce(1), emit: [{ n: 0 }] });
    container.send({ cancel: nonce(1) });
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({ error: { code: 'cancelled' } });
    expect(container.answersTo(nonce(1))[1]).toEqual({ nonce: nonce(1), heard: true });
  });
});

describe('a batch', () => {
  const items = (...inputs: readonly unknown[]): object => ({
    nonce: nonce(9),
    'files-token': 'token',
    'timeout-ms': 30_000,
    items: inputs.map((input, index) => request(index, 'echo', input)),
  });

  it('is one call, whose results come in the order of its items', async () => {
    const container = startContainer();
    container.send(items('a', 'bad', 'lost', 'd'));
    const { results } = await container.answer({ nonce: nonce(9), results: undefined });
    expect(results).toMatchObject([
      { objects: [{ input: 'a', of: 4 }], metrics: { index: 0 } },
      { error: { code: 'config-invalid', retryable: false }, metrics: { index: 1 } },
      { error: { code: 'satellite-error', retryable: true } },
      { objects: [{ input: 'd', of: 4 }], metrics: { index: 3 } },
    ]);
    expect(container.answersTo(nonce(9))[2]).toMatchObject({ index: 2, log: { message: 'item 2' } });
  });
});

describe('an attempt that is stopped', () => {
  it('hears it at once, and answers when nothing of it runs any more', async () => {
    const container = startContainer();
    container.send(request(1, 'wait-for-stop'), request(2, 'echo'));
    await container.answer({ nonce: nonce(2) });
    container.send({ cancel: nonce(1) });
    await container.answer({ nonce: nonce(1), objects: [{ reason: 'AbortError' }] });
    expect(container.answersTo(nonce(1))[0]).toEqual({ nonce: nonce(1), heard: true });
  });

  it('sees its signal abort at its time limit', async () => {
    const container = startContainer();
    container.send(request(1, 'wait-for-stop', null, { 'timeout-ms': 200 }));
    await container.answer({ nonce: nonce(1), objects: [{ reason: 'TimeoutError' }] });
  });

  it('CTR-07: ends the process when it is still at work 5 s after its time limit', async () => {
    const container = startContainer();
    container.send(request(1, 'hang', null, { 'timeout-ms': 100 }));
    expect(await container.exited()).toEqual({ code: 1, signal: null });
    expect(container.stderr()).toContain("'run/step/1' is still at work 5000 ms after its time limit of 100 ms");
  });

  it('CTR-07: ends the process also where it lets nothing else run', async () => {
    const container = startContainer();
    container.send(request(1, 'spin', null, { 'timeout-ms': 100 }));
    expect(await container.exited()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(container.stderr()).toContain('lets nothing else run');
  });

  it('counts the time limit of a stream from its last object, and not while the worker takes it', async () => {
    const container = startContainer();
    container.send(request(1, 'emit', null, { 'timeout-ms': 400 }));
    for (const n of [0, 1, 2]) {
      await container.answer({ nonce: nonce(1), emit: [{ n }] });
      await new Promise((resolve) => setTimeout(resolve, 600));
      container.send({ taken: nonce(1) });
    }
    await container.answer({ nonce: nonce(1), objects: [{ n: 3 }] });
  });
});

describe('a worker that is gone', () => {
  it('lets what is running end within a second', async () => {
    const container = startContainer();
    container.send(request(1, 'slowly', { ms: 300 }));
    await container.answer({ ready: true });
    container.process.stdin?.end();
    await container.answer({ nonce: nonce(1), objects: undefined });
    expect(await container.exited()).toEqual({ code: 0, signal: null });
  });

  it('waits for nothing longer', async () => {
    const container = startContainer();
    container.send(request(1, 'hang'), request(2, 'wait-for-stop'));
    await container.answer({ ready: true });
    const ended = performance.now();
    container.process.stdin?.end();
    await container.answer({ nonce: nonce(2), objects: [{ reason: 'AbortError' }] });
    expect(await container.exited()).toEqual({ code: 0, signal: null });
    expect(performance.now() - ended).toBeLessThan(2_500);
  });

  it('may be gone before it said anything', async () => {
    const container = startContainer({ hello: null });
    container.process.stdin?.end();
    expect(await container.exited()).toEqual({ code: 0, signal: null });
  });
});

describe('a container for one execution', () => {
  it('answers its one line and exits', async () => {
    const container = startContainer({ hello: request(1, 'emit', null, hello), streams: 'pipes' });
    container.process.stdin?.end();
    expect(await container.exited()).toMatchObject({ code: 0 });
    expect(container.lines.map((line) => JSON.parse(line))).toEqual([
      ...[0, 1, 2].map((n) => ({ nonce: nonce(1), emit: [{ n }] })),
      { nonce: nonce(1), objects: [{ n: 3 }] },
    ]);
  });

  it('stays until its work is done, whatever that waits for', async () => {
    const container = startContainer({ hello: request(1, 'hang', null, { ...hello, 'timeout-ms': 100 }) });
    container.process.stdin?.end();
    expect(await container.exited()).toEqual({ code: 1, signal: null });
  });
});
