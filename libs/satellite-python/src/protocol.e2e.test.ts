import { describe, expect, it } from 'vitest';
import { nonceOf } from './testing/index.ts';
import { startFixture } from './testing/start-fixture.ts';

describe('a satellite in Python', () => {
  it('says that it is ready, works on requests, and ends when its stdin does', async () => {
    const { satellite, request } = await startFixture({
      hello: { endpoints: { s3: 'http://127.0.0.1:9000/', 'https://api.example.com': 'http://127.0.0.1:8081/' } },
    });
    expect((await satellite.line(() => true)).text).toBe('{"exosphere":1,"ready":true}');
    const sent = request({ do: 'echo' }, { attempt: 2, secrets: { KEY: 's' }, resume: { count: 2, 'last-key': 'b' }, input: [1] });
    expect((await satellite.ask(sent)).objects).toEqual([
      expect.objectContaining({
        config: { do: 'echo' },
        input: [1],
        item: { a: 1 },
        secrets: { KEY: 's' },
        attempt: 2,
        deadline: '2030-01-01T00:00:00.000Z',
        resume: [2, 'b'],
        s3: 'http://127.0.0.1:9000',
        other: 'https://other.example.com',
        url: 'http://127.0.0.1:8081/v1/x?y',
      }),
    ]);
    expect((await satellite.ask(request({ do: 'echo' }))).objects).toEqual([expect.objectContaining({ input: { a: 1 }, resume: null })]);
    expect((await satellite.ask(request({ do: 'echo' }, { input: null }))).objects).toEqual([expect.objectContaining({ input: null })]);
    satellite.end();
    expect(await satellite.ended).toBe(0);
  });

  it('begins every answer with its nonce', async () => {
    const { satellite, request } = await startFixture();
    for (const action of ['metrics', 'fail', 'log', 'emit']) await satellite.ask(request({ do: action }));
    for (const { text } of satellite.lines.slice(1)) expect(text).toMatch(/^\{"nonce":"[0-9a-f]{32}","(objects|error|log|emit)":/);
  });

  it('answers a request that is nested too deeply with an error, and goes on with all else', async () => {
    const { satellite, request } = await startFixture();
    let deep: unknown = 1;
    for (let level = 0; level < 2_000; level += 1) deep = [deep];
    const going = satellite.ask(request({ do: 'echo' }));
    const error = { code: 'input-invalid', retryable: false, message: expect.stringContaining('nested too deeply') };
    expect(await satellite.ask(request({ do: 'echo' }, { input: deep }))).toMatchObject({ error });
    expect((await going).objects).toHaveLength(1);
    satellite.send({ deep });
    expect((await satellite.ask(request({ do: 'echo' }))).objects).toHaveLength(1);
  });

  it('keeps what libraries, C code and programs print out of the protocol', async () => {
    const { satellite, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'garbage' }))).objects).toEqual([{ stdin: '' }]);
    expect((await satellite.ask(request({ do: 'echo' }))).objects).toHaveLength(1);
    expect(satellite.lines.map(({ json }) => Object.keys(json)[0])).toEqual(['exosphere', 'nonce', 'nonce']);
    for (const printed of ['printed while it is imported', 'logged while it is imported', 'forged', 'library in C', 'puts', 'a program'])
      expect(satellite.stderr()).toContain(printed);
  });

  it('works on several requests at once, on as many threads as are needed', async () => {
    const { satellite, request } = await startFixture();
    const waiting = request({ do: 'wait' });
    satellite.send(waiting);
    await satellite.line((line) => line['nonce'] === waiting.nonce);
    for (let number = 0; number < 20; number += 1) await satellite.ask(request({ do: 'metrics' }));
    const { objects } = await satellite.ask(request({ do: 'threads' }));
    expect(Number(objects?.[0]?.['threads'])).toBeGreaterThanOrEqual(2);
    const many = await Promise.all(Array.from({ length: 50 }, () => satellite.ask(request({ do: 'threads' }))));
    for (const answer of many) expect(Number(answer.objects?.[0]?.['threads'])).toBeLessThanOrEqual(4);
  });

  it('stops a request that the worker cancels: it says that it heard, and answers once nothing of it runs', async () => {
    const { satellite, request } = await startFixture();
    const stopped = request({ do: 'wait' });
    const asynchronous = request({ do: 'asynchronous', wait: true });
    for (const sent of [stopped, asynchronous]) {
      satellite.send(sent);
      await satellite.line((line) => line['nonce'] === sent.nonce);
      satellite.send({ cancel: sent.nonce });
      await satellite.line((line) => line['nonce'] === sent.nonce && ('objects' in line || 'error' in line));
      const kinds = satellite.lines.filter(({ json }) => json['nonce'] === sent.nonce).map(({ json }) => Object.keys(json)[1]);
      expect(kinds.slice(0, 2)).toEqual(['log', 'heard']);
      expect(kinds).toHaveLength(3);
    }
    expect(satellite.lines.at(-1)?.json).toMatchObject({ error: { code: 'cancelled' } });
    const last = request({ do: 'wait' }, { 'timeout-ms': 100 });
    const { objects } = await satellite.ask(last);
    expect(objects?.[0]?.['cancelled']).toEqual([stopped, asynchronous, last].map(({ execution }) => execution));
  });

  it('answers for a request that is cancelled before a thread has it', async () => {
    const { satellite, request } = await startFixture({ hello: { concurrency: 1 } });
    const busy = request({ do: 'wait' });
    const waiting = request({ do: 'echo' });
    satellite.send(busy);
    satellite.send(waiting);
    satellite.send({ cancel: waiting.nonce });
    const { json } = await satellite.line((line) => line['nonce'] === waiting.nonce && 'error' in line);
    expect(json['error']).toMatchObject({ code: 'cancelled' });
    satellite.send({ cancel: busy.nonce });
    await satellite.line((line) => line['nonce'] === busy.nonce && 'objects' in line);
    expect((await satellite.ask(request({ do: 'metrics' }))).objects).toEqual([]);
    expect(satellite.lines.filter((line) => line.json['nonce'] === waiting.nonce)).toHaveLength(2);
  });

  it('ends the wait for an emit that is not taken when it is cancelled', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'emit' });
    satellite.send(sent);
    await satellite.line((line) => 'emit' in line);
    satellite.send({ cancel: sent.nonce });
    const { json } = await satellite.line((line) => line['nonce'] === sent.nonce && 'error' in line);
    expect(json['error']).toMatchObject({ code: 'cancelled' });
  });

  it('waits after each emit until it is taken', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'emit' });
    satellite.send(sent);
    for (const number of [0, 1, 2]) {
      const { json } = await satellite.line((line) => JSON.stringify(line).includes(`"emit":[{"number":${number},`));
      expect(satellite.lines.at(-1)?.json).toBe(json);
      const { objects } = await satellite.ask(request({ do: 'metrics' })); // it works on others meanwhile
      expect(objects).toEqual([]);
      expect(satellite.lines.filter((line) => 'emit' in line.json)).toHaveLength(number + 1);
      satellite.send({ taken: sent.nonce });
    }
    const { json } = await satellite.line((line) => line['nonce'] === sent.nonce && 'objects' in line);
    expect(json['objects']).toEqual([{ number: 3 }]);
  });

  it('runs coroutines, all in one loop', async () => {
    const { satellite, request } = await startFixture();
    const first = request({ do: 'asynchronous' });
    const answers = [await satellite.ask(first), await satellite.ask(request({ do: 'asynchronous' }))];
    expect(answers.map(({ objects }) => objects?.[0]?.['number'])).toEqual([2, 2]);
    expect(new Set(answers.map(({ objects }) => objects?.[0]?.['loop'])).size).toBe(1);
    expect(satellite.logs(first.nonce)).toEqual([expect.objectContaining({ log: expect.objectContaining({ message: 'in a coroutine' }) })]);
  });

  it('sends metrics with the answer, also with an error', async () => {
    const { satellite, request } = await startFixture();
    expect(await satellite.ask(request({ do: 'metrics' }))).toMatchObject({
      objects: [],
      metrics: { 'input-tokens': 1, output_tokens: 3 },
    });
    expect(await satellite.ask(request({ do: 'fail' }))).toMatchObject({ error: { code: 'rate-limited' }, metrics: { tokens: 1 } });
  });

  it('logs with fields, and takes what libraries log and warn of as records of the request', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'log' });
    await satellite.ask(sent);
    expect(satellite.logs(sent.nonce).map(({ log }) => log)).toEqual([
      { level: 'debug', message: 'so far', fields: { step: 1 } },
      { level: 'warn', message: 'strange', fields: expect.objectContaining({ 'content-type': "'a/b'", value: 'nan' }) },
      { level: 'warn', message: 'a library says so', fields: { logger: 'library' } },
      { level: 'warn', message: expect.stringContaining('deprecated'), fields: { logger: 'py.warnings' } },
    ]);
    expect(satellite.stderr()).toContain("ERROR library: on a thread of the library's own");
  });

  it('does not end over a line that it cannot read', async () => {
    const { satellite, request } = await startFixture();
    satellite.sendText('no JSON\n[]\n{"taken":"unknown"}\n{"cancel":"unknown"}\n{}\n');
    const wrong = request({ do: 'echo' }, { resume: 5 });
    expect((await satellite.ask(wrong)).error).toMatchObject({ code: 'satellite-error' });
    expect((await satellite.ask(request({ do: 'metrics' }))).objects).toEqual([]);
    expect(satellite.stderr()).toContain('a line of the worker cannot be read');
  });

  it('has one request of 20 MiB', async () => {
    const { satellite, request } = await startFixture();
    const text = 'ü'.repeat(10 * 2 ** 20);
    expect((await satellite.ask(request({ do: 'echo' }, { item: { text } }))).objects?.[0]).toMatchObject({ item: { text } });
  });
});

describe('an error', () => {
  it('is what the satellite chose', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'fail' });
    const { error } = await satellite.ask(sent);
    expect(error).toEqual({ message: 'Slow down.', code: 'rate-limited', retryable: true, 'retry-after': 1500 });
    expect(satellite.logs(sent.nonce)).toEqual([]);
  });

  it('is satellite-error, retryable, for anything else that is raised; the log says where', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'crash' });
    const { error } = await satellite.ask(sent);
    expect(error).toEqual({ message: "KeyError: 'missing — ü'", code: 'satellite-error', retryable: true });
    expect(satellite.logs(sent.nonce)).toEqual([
      { nonce: sent.nonce, log: { level: 'error', message: expect.stringMatching(/^Traceback[^]*fixture\.py[^]*KeyError/) } },
    ]);
  });

  it('ends the request, not the satellite, also when it calls sys.exit', async () => {
    const { satellite, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'leave' }))).error).toMatchObject({ message: 'SystemExit: 3', code: 'satellite-error' });
    expect((await satellite.ask(request({ do: 'metrics' }))).objects).toEqual([]);
  });

  it.each([
    ['nan', 'output-invalid', /\[0\]\.rows\[0\]\.margin is nan, which JSON does not have/],
    ['infinity', 'output-invalid', /\[0\]\.margin is inf/],
    ['bytes', 'output-invalid', /\[0\]\.content is of type 'bytes'/],
    ['surrogate', 'output-invalid', /\[0\]\.text holds half of a surrogate pair/],
    ['key', 'output-invalid', /a key of type 'tuple'/],
    ['cycle', 'output-invalid', /contains itself/],
    ['dict', 'output-invalid', /returns a list of objects, this one returned a value of type 'dict'/],
    ['texts', 'output-invalid', /Entry 0 of the list is no object/],
    ['large', 'output-too-large', /Entry 0 of the list has 65 MiB, at most 64 MiB/],
  ])('says what is wrong with an output (%s)', async (what, code, message) => {
    const { satellite, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'give', what }))).error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is none for a generator, and for text of all kinds', async () => {
    const { satellite, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'give', what: 'generator' }))).objects).toEqual([{ number: 0 }, { number: 1 }]);
    expect((await satellite.ask(request({ do: 'give', what: 'unicode' }))).objects).toEqual([
      { text: 'ü — \u2028 😀 \u0000', int: 2 ** 53, float: 0.1, none: null },
    ]);
  });
});

describe('a batch', () => {
  const items = (request: (config: object, more: object) => object, config: object) =>
    [0, 1, 2, 3].map((item) => request(config, { item }));

  it('has a result for each item; a failure is one of its item alone', async () => {
    const { satellite, request } = await startFixture({ env: { FIXTURE_BATCH: '1' } });
    const nonce = nonceOf(1_000_000);
    const answer = await satellite.ask({ nonce, items: items(request, {}) });
    expect(answer.results).toMatchObject([
      { objects: [{ item: 0 }] },
      { error: { message: 'No.', code: 'odd' } },
      null,
      { objects: [{ item: 3 }] },
    ]);
    expect(answer.results?.[0]?.metrics).toHaveProperty('json');
    expect(satellite.logs(nonce).map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(Object.keys(satellite.lines.at(-2)?.json ?? {})).toEqual(['nonce', 'index', 'log']);
  });

  it.each([
    ['short', 'output-invalid', 'A batch of 4 requests got 0 results.'],
    ['crash', 'satellite-error', "KeyError: 'x'"],
  ])('fails in all its items when it is %s', async (what, code, message) => {
    const { satellite, request } = await startFixture({ env: { FIXTURE_BATCH: '1' } });
    const { results } = await satellite.ask({ nonce: nonceOf(1_000_001), items: items(request, { [what]: true }) });
    expect(results).toEqual([0, 1, 2, 3].map(() => ({ error: { message, code, retryable: true } })));
  });

  it('is run item by item where the satellite has no function for it', async () => {
    const { satellite, request } = await startFixture();
    const list = [request({ do: 'metrics' }), request({ do: 'crash' }), request({ do: 'emit' })];
    const { results } = await satellite.ask({ nonce: nonceOf(1_000_002), items: list });
    expect(results).toMatchObject([
      { objects: [], metrics: { output_tokens: 3 } },
      { error: { code: 'satellite-error' } },
      { error: { message: expect.stringContaining('In a batch nothing can be emitted') } },
    ]);
  });
});
