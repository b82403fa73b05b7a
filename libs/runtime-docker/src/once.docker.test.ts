import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireImages } from '@exosphere/testkit';
import type { DockerWorld } from './testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from './testing/docker-world.ts';

describe('a plain program in a container of its own', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  it('reads one request and prints an object a line', async () => {
    const { end, replies } = await world.call('cat; echo; echo \'{"second":2}\'', {
      inputs: [{ a: 1 }],
      secrets: { TOKEN: 'secret-value' },
    });
    expect(end).toEqual({ kind: 'done' });
    expect(objectsOf(replies[0])).toMatchObject([
      { item: { a: 1 }, attempt: 1, secrets: { TOKEN: 'secret-value' }, exosphere: 1 },
      { second: 2 },
    ]);
  });

  it('runs each request of a call in a container of its own', async () => {
    const { replies } = await world.call('echo "{\\"host\\":\\"$(hostname)\\",\\"key\\":\\"$EXO_IDEMPOTENCY_KEY\\"}"', {
      inputs: [1, 2, 3],
    });
    const hosts = replies.map((reply) => (objectsOf(reply) as { host: string; key: string }[])[0]);
    expect(new Set(hosts.map((one) => one?.host)).size).toBe(3);
    expect(new Set(hosts.map((one) => one?.key)).size).toBe(3);
  });

  it('CTR-10: what is printed beside objects becomes log records, standard output at warn', async () => {
    const { replies, logs } = await world.call('echo hello; echo problem >&2; echo \'{"a":1}\'; echo "[1]"; printf "\\033[31mred\\033[0m"');
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    expect(logs.map(({ level, message }) => [level, message])).toEqual(
      expect.arrayContaining([
        ['warn', 'hello'],
        ['info', 'problem'],
        ['warn', '[1]'],
        ['warn', 'red'],
      ]),
    );
  });

  it.each([
    ['exit 0', []],
    ['exit 3', { error: { code: 'satellite-error', message: expect.stringContaining('exit code 3'), retryable: true } }],
    ['echo \'{"a":1}\'; echo "no more disk" >&2; exit 4', { error: { message: expect.stringContaining('no more disk') } }],
    ["printf '{\"half'", []],
    ['printf \'{"whole":1}\'', [{ whole: 1 }]],
    ['kill -9 $$', { error: { message: expect.stringContaining('137 (SIGKILL)') } }],
    ['exec 1>&-; exit 0', []],
  ])('CTR-10: `%s` has an outcome of its own', async (script, expected) => {
    const { end, replies } = await world.call(script);
    expect(end).toEqual({ kind: 'done' });
    if (Array.isArray(expected)) expect(objectsOf(replies[0])).toEqual(expected);
    else expect(replies[0]).toMatchObject({ kind: 'error', ...expected });
  });

  it('may send log records, metrics and an error with the nonce of its request', async () => {
    const script = `read line; nonce=$(echo "$line" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')
echo "{\\"nonce\\":\\"$nonce\\",\\"log\\":{\\"level\\":\\"error\\",\\"message\\":\\"said\\"}}"
echo "{\\"nonce\\":\\"$nonce\\",\\"error\\":{\\"message\\":\\"Slow down.\\",\\"code\\":\\"rate-limited\\",\\"retry-after\\":1500},\\"metrics\\":{\\"tokens\\":3}}"`;
    const { replies, logs } = await world.call(script);
    expect(replies[0]).toEqual({
      kind: 'error',
      error: { message: 'Slow down.', code: 'rate-limited', retryable: true, retryAfterMs: 1_500 },
      metrics: { tokens: 3 },
    });
    expect(logs).toMatchObject([{ level: 'error', message: 'said' }]);
  });

  it('CTR-09: a forged answer is an object like any other, or a log record', async () => {
    const forged = '{"nonce":"00000000000000000000000000000000","objects":[{"forged":true}]}';
    const { replies } = await world.call(`echo '${forged}'; echo '::set-output name=a::b'; echo '{"status":"succeeded"}'; exit 1`);
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'satellite-error' } });
  });

  it('CTR-07: one that ignores SIGTERM is killed soon after its time limit', async () => {
    const { replies, ms } = await world.call('trap "" TERM; while true; do sleep 0.1; done', { timeoutMs: 1_000 });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'timeout', retryable: true } });
    expect(ms).toBeLessThan(8_000);
    expect(await leftOvers()).toEqual([]);
  });

  it('is stopped when its call is cancelled', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1_000);
    const { end, replies } = await world.call('sleep 1000', { signal: stop.signal });
    expect(end).toMatchObject({ kind: 'lost', reason: 'cancelled' });
    expect(replies).toEqual([undefined]);
    expect(await leftOvers()).toEqual([]);
  });

  const output = { cardinality: 'many', key: 'n', schema: { type: 'object', properties: { n: { type: 'number' } } } };

  it.each([
    ['of many objects', 3_000, `seq 1 3000 | sed 's/.*/{"n":&,"text":"${'a'.repeat(60)}"}/'`],
    [
      'that is more than a worker keeps',
      750,
      `text=$(head -c 100000 /dev/zero | tr "\\0" a); for n in $(seq 1 750); do echo "{\\"n\\":$n,\\"text\\":\\"$text\\"}"; done`,
    ],
  ])('hands on all of a list %s, though its program ends while the first of them are recorded', async (_, count, script) => {
    let isFirst = true;
    const onObjects = async (): Promise<void> => {
      if (isFirst) await sleep(6_000); // the engine waits 2 s for its reader, and so did the worker
      isFirst = false;
    };
    const { replies, objects } = await world.call(script, { onObjects }, { output });
    expect(objectsOf(replies[0])).toEqual([]);
    expect(objects[0]?.map(({ n }) => n)).toEqual(Array.from({ length: count }, (__, index) => index + 1));
  });

  it('ends when its call is cancelled, though nobody says that its objects are recorded', async () => {
    const stop = new AbortController();
    const onObjects = (): Promise<void> => {
      setTimeout(() => stop.abort(), 500);
      return new Promise(() => undefined);
    };
    const { end } = await world.call('seq 1 300 | sed \'s/.*/{"n":&}/\'', { onObjects, signal: stop.signal }, { output });
    expect(end).toMatchObject({ kind: 'lost', reason: 'cancelled' });
  });

  it('hands a list on as it comes, where the manifest names a key', async () => {
    const { replies, objects } = await world.call('for n in $(seq 1 250); do echo "{\\"n\\":$n}"; done', {}, { output });
    expect(objects[0]).toHaveLength(250);
    expect(objectsOf(replies[0])).toEqual([]);
  });
});
