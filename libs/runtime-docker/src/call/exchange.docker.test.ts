import { requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WarmContainer } from '../container/warm-container.ts';
import { Engine } from '../engine/engine.ts';
import { newKeys } from '../protocol/request-line.ts';
import { engineSocket, leftOvers } from '../testing/docker-world.ts';
import { shellWorker } from '../testing/shell-worker.ts';
import type { ExchangeOptions, Outcome } from './exchange.ts';
import { ContainerExchange } from './exchange.ts';

const never = new AbortController().signal;
let started = 0;

describe('the exchange of a request with a container', () => {
  beforeAll(() => requireImages(['busybox:stable']));
  afterAll(async () => expect(await leftOvers()).toEqual([]));

  async function start(answer: string): Promise<WarmContainer> {
    started += 1;
    const container = await WarmContainer.start({
      engine: new Engine(engineSocket),
      sealed: {
        name: `exo-exchange-${process.pid}-${started}`,
        kind: 'worker',
        image: 'busybox:stable',
        command: ['sh', '-c', shellWorker(answer)],
        imageVolumes: [],
        limits: { cpu: 1, memoryBytes: 64 * 2 ** 20, processes: 64 },
        environment: {},
        labels: { 'exosphere.owner': `test.0.${process.pid}.0` },
        sockets: null,
        devices: [],
        cpuSeconds: null,
      },
      surroundings: { concurrency: 4, files: '', egress: null, endpoints: {} },
      signal: never,
    });
    onTestFinished(async () => {
      await container.kill('The test is over.');
      await container.ended;
    });
    return container;
  }

  function exchangeWith(container: WarmContainer, more: Partial<ExchangeOptions> = {}): Promise<Outcome> {
    const { nonce } = newKeys();
    const line = `{"nonce":"${nonce}"}\n`;
    const ignore = { onObjects: null, onLog: () => undefined, onNoise: () => undefined };
    return new ContainerExchange({ container, nonce, line, timeoutMs: 10_000, ...ignore, signal: never, ...more }).outcome;
  }

  const says = (rest: string): string => `echo "{\\"nonce\\":\\"$nonce\\",${rest.replaceAll('"', '\\"')}}"`;
  /** Hears of `cancel`, and ends the attempt: only once it is there does it read on. */
  const letsGo = `read -r cancel; ${says('"heard":true')}; ${says('"objects":[]')}`;
  const many = { isBatch: true };

  it.each([
    ['dies', 'exit 7', { reason: 'crash', message: expect.stringContaining('exit code 7') }],
    ['takes too long, though it hears', letsGo, { reason: 'timeout' }],
  ])('of a batch leaves open which item is to blame where it %s', async (_, answer, expected) => {
    const timeoutMs = expected.reason === 'timeout' ? 300 : 30_000;
    expect(await exchangeWith(await start(answer), { ...many, timeoutMs })).toMatchObject({ kind: 'lost', ...expected });
  });

  it('ends where it emits though its manifest names no key, and the container goes on', async () => {
    const container = await start(`${says('"emit":[{"n":1}]')}; ${letsGo}`);
    expect(await exchangeWith(container)).toMatchObject({ kind: 'replied', reply: { error: { code: 'output-invalid' } } });
    expect(container.isUsable).toBe(true);
  });

  it('ends where it emits before its last list is taken; a container that does not let go is killed', async () => {
    const container = await start(`${says('"emit":[{"n":1}]')}; ${says('"emit":[{"n":2}]')}; sleep 1000`);
    const onObjects = (): Promise<void> => new Promise(() => undefined);
    expect(await exchangeWith(container, { onObjects })).toMatchObject({
      kind: 'replied',
      reply: { error: { code: 'answer-unreadable' } },
    });
    expect(container.isUsable).toBe(false);
  });

  it('has half a second to end after it was cancelled, whether it says that it heard or not', async () => {
    const container = await start(`read -r cancel; sleep 0.35; ${says('"objects":[]')}`);
    expect(await exchangeWith(container, { timeoutMs: 300 })).toMatchObject({ kind: 'replied', reply: { error: { code: 'timeout' } } });
    expect(container.isUsable).toBe(true);
  });

  it('ends with a list that is too large, and the container is not used any more', async () => {
    const list = `yes '{},' | head -n 9000000 | tr -d '\\n'`;
    const container = await start(`printf '{"nonce":"%s","emit":[' "$nonce"; ${list}; echo '{}]}'`);
    const outcome = await exchangeWith(container, { onObjects: async () => undefined, timeoutMs: 30_000 });
    expect(outcome).toMatchObject({ kind: 'replied', reply: { error: { code: 'output-too-large', retryable: false } } });
    expect(container.isUsable).toBe(false);
  });
});
