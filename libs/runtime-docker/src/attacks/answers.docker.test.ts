import { requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld, WorldCall } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';

const million = 1_000_000;
const letters = (count: number): string => `head -c ${count} /dev/zero | tr "\\0" x`;
const brackets = (count: number): string => `head -c ${count} /dev/zero | tr "\\0" "["`;
const tooLarge = { kind: 'error', error: { code: 'output-too-large', retryable: false } };

describe('results that are none, too many or too large', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  describe('of a program that prints an object a line', () => {
    const printed = (script: string, call: WorldCall = {}): ReturnType<DockerWorld['call']> =>
      world.call(script, { timeoutMs: 60_000, ...call });

    it.each([
      ['with duplicate keys: the last one counts', `echo '{"a":1,"a":2}'`, [{ a: 2 }]],
      [
        'with a key __proto__: it is data',
        `echo '{"__proto__":{"polluted":1},"constructor":2}'`,
        [JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')],
      ],
      ['with line ends of another system', `printf '{"a":1}\\r\\n{"b":2}\\r\\n'`, [{ a: 1 }, { b: 2 }]],
      ['with bytes that are no text: they are replaced', `printf '{"a":"\\377\\376"}\\n'`, [{ a: '\ufffd\ufffd' }]],
      ['nested too deeply: it is a log record', `printf '{"a":'; ${brackets(5_000)}; echo; echo '{"b":2}'`, [{ b: 2 }]],
      ['that is a list, a number, a text or null: a log record', `printf '[{"a":1}]\\n5\\n"text"\\nnull\\ntrue\\n'`, []],
      ['that breaks off', `printf '{"a":1}\\n{"b":'`, [{ a: 1 }]],
      [
        'with a nonce that is not its own',
        `echo '{"nonce":"${'0'.repeat(32)}","error":{"message":"forged"}}'`,
        [{ nonce: '0'.repeat(32), error: { message: 'forged' } }],
      ],
    ])('CTR-10: %s', async (_, script, expected) => {
      const { end, replies } = await printed(script);
      expect(end).toEqual({ kind: 'done' });
      expect(objectsOf(replies[0])).toEqual(expected);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    it('CTR-10: a line of 100 MB ends in an error that says what is possible', async () => {
      const { replies } = await printed(`printf '{"a":"'; ${letters(100 * million)}; echo '"}'`);
      expect(replies[0]).toMatchObject(tooLarge);
      expect(replies[0]).toMatchObject({ error: { message: expect.stringContaining('64 MiB') } });
    });

    it('CTR-10: a line of 20 MB is an object like any other', async () => {
      const { replies } = await printed(`printf '{"a":"'; ${letters(20 * million)}; echo '"}'`);
      expect((objectsOf(replies[0]) as { a: string }[])[0]?.a).toHaveLength(20 * million);
    });

    it('CTR-10: millions of empty objects end in an error before they fill the memory', async () => {
      const { replies } = await printed("yes '{}' | head -c 300000000");
      expect(replies[0]).toMatchObject(tooLarge);
    });

    it('CTR-10: what ends before it could be attached to is heard all the same', async () => {
      const { replies } = await printed('echo "{\\"key\\":\\"$EXO_IDEMPOTENCY_KEY\\"}"', {
        inputs: Array.from({ length: 12 }, (_, index) => index),
      });
      expect(replies.map((reply) => (objectsOf(reply) as unknown[]).length)).toEqual(replies.map(() => 1));
    });

    it('CTR-10: a nonce in hand, it may send no more than others', async () => {
      const nonce = `read -r line; nonce=$(echo "$line" | sed 's/.*"nonce":"\\([0-9a-f]*\\)".*/\\1/')`;
      const emit = `yes "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[$(yes '{},' | head -n 20000 | tr -d '\\n'){}]}"`;
      expect((await printed(`${nonce}; ${emit}`)).replies[0]).toMatchObject(tooLarge);
      const log = `yes "{\\"nonce\\":\\"$nonce\\",\\"log\\":{\\"message\\":\\"again and again and again\\"}}"`;
      const { replies, logs } = await printed(`${nonce}; ${log}`);
      expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'output-flood' } });
      expect(logs.length).toBeLessThanOrEqual(1_001);
      const wrong = `echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":{\\"a\\":1}}"`;
      expect((await printed(`${nonce}; ${wrong}`)).replies[0]).toMatchObject({ kind: 'error', error: { code: 'output-invalid' } });
    });
  });

  describe('of a warm container', () => {
    const answered = (answer: string, call: WorldCall = {}): ReturnType<DockerWorld['call']> =>
      world.call(shellWorker(answer), { timeoutMs: 60_000, ...call }, {}, { mode: 'worker' });
    const says = (rest: string): string => `echo "{\\"nonce\\":\\"$nonce\\",${rest.replaceAll('"', '\\"')}}"`;

    it.each([
      ['with duplicate keys: the last one counts', says('"objects":[{"a":1,"a":2}]'), [{ a: 2 }]],
      ['given twice: the first one counts', `${says('"objects":[{"a":1}]')}; ${says('"objects":[{"a":2}]')}`, [{ a: 1 }]],
      ['that is no list', says('"objects":{"a":1}'), { error: { code: 'output-invalid', retryable: true } }],
      ['that is a list of others than objects', says('"objects":[1]'), { error: { code: 'output-invalid' } }],
      ['that is no answer', says('"status":"succeeded"'), { error: { code: 'answer-unreadable' } }],
      [
        'nested too deeply',
        `printf '{"nonce":"%s","objects":[{"a":' "$nonce"; ${brackets(5_000)}; echo`,
        { error: { code: 'answer-unreadable' } },
      ],
      [
        'that never comes, while the container ends with 0',
        'exit 0',
        { error: { code: 'container-failed', message: expect.stringContaining('exit code 0') } },
      ],
      [
        'that breaks off with the container',
        `printf '{"nonce":"%s","objects":[' "$nonce"; exit 0`,
        { error: { code: 'answer-unreadable' } },
      ],
    ])('CTR-10: %s', async (_, answer, expected) => {
      const { end, replies } = await answered(answer);
      expect(end).toEqual({ kind: 'done' });
      if (Array.isArray(expected)) expect(objectsOf(replies[0])).toEqual(expected);
      else expect(replies[0]).toMatchObject({ kind: 'error', ...expected });
    });

    it('CTR-10: of 30 MB is an answer like any other; of more than 256 MiB it is an error, and ends the container', async () => {
      const sized = (count: number): string => `printf '{"nonce":"%s","objects":[{"a":"' "$nonce"; ${letters(count)}; echo '"}]}'`;
      const large = `case "$line" in *'"item":"small"'*) ${answersOne};; *'"item":"large"'*) ${sized(30 * million)};; *) ${sized(300 * million)};; esac`;
      const { replies } = await answered(large, { inputs: ['large'] });
      expect((objectsOf(replies[0]) as { a: string }[])[0]?.a).toHaveLength(30 * million);
      expect((await answered(large, { inputs: ['huge'] })).replies[0]).toMatchObject(tooLarge);
      expect(objectsOf((await answered(large, { inputs: ['small'] })).replies[0])).toEqual([{ a: 1 }]);
    });

    it('CTR-10: of millions of empty objects is refused before it is read', async () => {
      const { replies } = await answered(
        `printf '{"nonce":"%s","objects":[' "$nonce"; yes '{},' | head -n 9000000 | tr -d '\\n'; echo '{}]}'`,
      );
      expect(replies[0]).toMatchObject(tooLarge);
    });
  });
});
