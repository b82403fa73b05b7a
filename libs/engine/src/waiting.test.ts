import type { JsonObject } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { openWaitingRig, unavailable } from './testing/waiting-rig.ts';

const minute = 60_000;
const llm: readonly JsonObject[] = [{ identifier: 'llm', uses: 'test/echo' }];
/** `read` needs nothing that can be missing; `llm` follows it. */
const readThenAsk: readonly JsonObject[] = [{ identifier: 'read', uses: 'test/echo' }, ...llm];
const numbers = (count: number, more: JsonObject = {}): readonly JsonObject[] => Array.from({ length: count }, (_, n) => ({ n, ...more }));
const noGpu = 'no GPU host for satellite/test/llm; needs 1 × nvidia ≥ 80 GiB';

describe('a run whose satellite cannot be opened', () => {
  it('waits, tells the reason once however often it is tried, and goes on', async () => {
    let tries = 0;
    const rig = await openWaitingRig(llm, numbers(1), () => {
      tries += 1;
      unavailable(noGpu);
    });
    const worker = rig.work();
    await rig.clock.pass(10 * minute);
    expect(tries).toBeGreaterThan(100);
    expect(await rig.status()).toBe('running');
    expect(rig.waits()).toEqual([`llm: ${noGpu}`]);
    expect(await rig.told()).toMatchObject([
      { level: 'warn', step: 'llm', execution: null, message: `its items wait: ${noGpu}`, fields: { code: 'runtime-unavailable' } },
    ]);
    rig.opens = () => undefined;
    await rig.clock.pass(6_000);
    expect(await rig.status()).toBe('completed');
    expect(await rig.told()).toHaveLength(1);
    expect(rig.warnings).toEqual([]);
    await worker.stop();
  });

  it('is shown as waiting no longer, once it goes on', async () => {
    const rig = await openWaitingRig(llm, numbers(2, { ms: minute }), () => unavailable(noGpu));
    const worker = rig.work();
    await rig.clock.pass(minute);
    rig.opens = () => undefined;
    await rig.clock.pass(16_000);
    expect(rig.attempts.length).toBeGreaterThan(0);
    expect(await rig.status()).toBe('running');
    expect(rig.waits()).toEqual([]);
    await worker.stop();
  });

  it('tells the reason once for many shards and workers, and when these are others', async () => {
    const rig = await openWaitingRig(llm, numbers(3_000), () => unavailable(noGpu));
    const workers = [rig.work(), rig.work()];
    await rig.clock.pass(minute);
    expect(rig.ledger.look.shards(rig.run).length).toBeGreaterThan(5);
    for (const worker of workers) await worker.stop();
    const next = rig.work();
    await rig.clock.pass(minute);
    expect(await rig.told()).toHaveLength(1);
    rig.opens = () => undefined;
    await rig.clock.pass(minute);
    expect(await rig.status()).toBe('completed');
    expect(rig.attempts).toHaveLength(3_000);
    await next.stop();
  });

  it('tells another reason, but none for a port or an id that is another one at each try', async () => {
    let port = 40_000;
    const rig = await openWaitingRig(llm, numbers(1), () =>
      unavailable(`127.0.0.1:${String((port += 1))} refuses connection 4f${String(port)}ab`),
    );
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(rig.waits()).toEqual(['llm: 127.0.0.1:40001 refuses connection 4f40001ab']);
    rig.opens = () => unavailable(noGpu);
    await rig.clock.pass(minute);
    expect(rig.waits()).toEqual([`llm: ${noGpu}`]);
    expect((await rig.told()).map(({ message }) => message)).toEqual([
      'its items wait: 127.0.0.1:40001 refuses connection 4f40001ab',
      `its items wait: ${noGpu}`,
    ]);
    await worker.stop();
  });

  it('stops nothing else: what can go on does, once, and joins those that wait', async () => {
    const rig = await openWaitingRig(readThenAsk, numbers(40, { ms: 700 }), (step) => (step === 'llm' ? unavailable(noGpu) : undefined));
    const worker = rig.work();
    await rig.clock.pass(minute);
    const reads = rig.attempts.filter((name) => name.startsWith('read['));
    expect(new Set(reads).size).toBe(40);
    expect(reads).toHaveLength(40);
    expect(rig.waits()).toEqual([`llm: ${noGpu}`]);
    expect(rig.ledger.look.shards(rig.run).length).toBeLessThan(3);
    rig.opens = () => undefined;
    await rig.clock.pass(minute);
    expect(await rig.status()).toBe('completed');
    expect(rig.attempts).toHaveLength(80);
    expect(await rig.told()).toHaveLength(1);
    await worker.stop();
  });

  it('is tried again while other items of its shard run for long', async () => {
    const rig = await openWaitingRig(
      readThenAsk,
      [
        { n: 0, ms: 10 },
        { n: 1, ms: 30 * minute },
      ],
      (step) => (step === 'llm' ? unavailable(noGpu) : undefined),
    );
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(rig.waits()).toEqual([`llm: ${noGpu}`]);
    rig.opens = () => undefined;
    await rig.clock.pass(6_000);
    expect(rig.attempts.filter((name) => name.startsWith('llm['))).toHaveLength(1);
    expect(rig.waits()).toEqual([]);
    expect(rig.attempts.filter((name) => name.endsWith('!'))).toEqual([]);
    await worker.stop();
  });

  it('tells the reasons of several steps, each once', async () => {
    const both = [...llm, { identifier: 'ocr', uses: 'test/echo', needs: [] }];
    const rig = await openWaitingRig(both, numbers(1), (step) => unavailable(`no image for ${step}`));
    const worker = rig.work();
    await rig.clock.pass(10 * minute);
    expect([...rig.waits()].sort()).toEqual(['llm: no image for llm', 'ocr: no image for ocr']);
    expect(await rig.told()).toHaveLength(2);
    await worker.stop();
  });

  it.each([['cancelling'], ['cancelling-all']] as const)('ends at once when it is asked for (%s)', async (control) => {
    const rig = await openWaitingRig(llm, numbers(2), () => unavailable(noGpu));
    const worker = rig.work();
    await rig.clock.pass(minute + 1_000);
    await rig.ledger.control(rig.run, control);
    await rig.clock.pass(1_000);
    expect(await rig.status()).toBe('cancelled');
    expect(rig.waits()).toEqual([]);
    await worker.stop();
  });

  it('leaves nothing behind where its worker stops, and goes on with the next one', async () => {
    const rig = await openWaitingRig(llm, numbers(2), () => unavailable(noGpu));
    await rig.work().stop();
    const first = rig.work();
    await rig.clock.pass(minute);
    await first.stop();
    expect(rig.ledger.look.shards(rig.run).map(({ owner }) => owner)).toEqual([null]);
    rig.opens = () => undefined;
    const next = rig.work();
    await rig.clock.pass(6_000);
    expect(await rig.status()).toBe('completed');
    expect(await rig.told()).toHaveLength(1);
    await next.stop();
  });
});

describe('a satellite that opens, and cannot be called after all', () => {
  const refused = 'no GPU on this host: the engine says no';

  it('waits as well: the reason is told once, no attempt is charged, and it goes on', async () => {
    const rig = await openWaitingRig(llm, numbers(3), () => undefined);
    rig.begins = () => unavailable(refused);
    const worker = rig.work();
    await rig.clock.pass(10 * minute);
    expect(rig.waits()).toEqual([`llm: ${refused}`]);
    expect((await rig.told()).map(({ message }) => message)).toEqual([`its items wait: ${refused}`]);
    rig.begins = () => undefined;
    await rig.clock.pass(6_000);
    expect(await rig.status()).toBe('completed');
    expect(rig.attempts).toHaveLength(3);
    expect(rig.ledger.look.executions(rig.run).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    expect(rig.warnings).toEqual([]);
    await worker.stop();
  });

  it('keeps what was answered before', async () => {
    const rig = await openWaitingRig(llm, numbers(4), () => undefined);
    rig.begins = (execution) => (execution === 'llm[2]' ? unavailable(refused) : undefined);
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(rig.waits()).toEqual([`llm: ${refused}`]);
    rig.begins = () => undefined;
    await rig.clock.pass(6_000);
    expect(await rig.status()).toBe('completed');
    expect([...rig.attempts].sort()).toEqual(['llm[0]', 'llm[1]', 'llm[2]', 'llm[3]']);
    await worker.stop();
  });

  it('fails its items where another try cannot help', async () => {
    const rig = await openWaitingRig(llm, numbers(3), () => undefined);
    rig.begins = () => {
      throw new ExosphereError('container-engine-refused', 'there is no such image');
    };
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(await rig.status()).toBe('failed');
    const errors = rig.ledger.look.executions(rig.run).map(({ error }) => JSON.parse(error ?? 'null'));
    expect(errors).toMatchObject(
      Array.from({ length: 3 }, () => ({ code: 'container-engine-refused', message: 'there is no such image' })),
    );
    expect(rig.waits()).toEqual([]);
    await worker.stop();
  });
});

describe('a satellite that takes long to open', () => {
  /** Opens when it is told to, or gives up when nobody waits any more. */
  function slowly(): {
    readonly opens: (step: string, options: { readonly signal: AbortSignal }) => Promise<void>;
    readonly open: () => void;
    given: number;
  } {
    const gate = Promise.withResolvers<undefined>();
    const slow = {
      given: 0,
      open: () => gate.resolve(undefined),
      opens: (_: string, { signal }: { readonly signal: AbortSignal }) =>
        new Promise<void>((resolve, reject) => {
          void gate.promise.then(resolve);
          signal.addEventListener('abort', () => {
            slow.given += 1;
            reject(signal.reason as Error); // as AbortSignal has it
          });
        }),
    };
    return slow;
  }

  it('tells how far it is in the log of the run', async () => {
    const slow = slowly();
    const rig = await openWaitingRig(llm, numbers(2), (step, options) => {
      options.note?.('pulling the image', { percent: 40 });
      return slow.opens(step, options);
    });
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(await rig.told()).toMatchObject([
      { level: 'info', step: 'llm', execution: null, message: 'pulling the image', fields: { percent: 40 } },
    ]);
    expect(rig.waits()).toEqual([]);
    slow.open();
    await rig.clock.pass(minute);
    expect(await rig.status()).toBe('completed');
    await worker.stop();
  });

  it('is given up when the run is cancelled, and its items end at once', async () => {
    const slow = slowly();
    const rig = await openWaitingRig(llm, numbers(2), slow.opens);
    const worker = rig.work();
    await rig.clock.pass(minute);
    await rig.ledger.control(rig.run, 'cancelling');
    await rig.clock.pass(6_000); // the worker hears of it when it renews its leases
    expect(await rig.status()).toBe('cancelled');
    expect(rig.attempts).toEqual([]);
    expect(slow.given).toBe(1);
    await worker.stop();
  });

  it('goes on for steps that run also when the run is cancelled', async () => {
    const slow = slowly();
    const always = [{ identifier: 'llm', uses: 'test/echo', if: 'always()' }];
    const rig = await openWaitingRig(always, numbers(1), slow.opens);
    const worker = rig.work();
    await rig.clock.pass(minute);
    await rig.ledger.control(rig.run, 'cancelling');
    await rig.clock.pass(6_000);
    expect(await rig.status()).toBe('running');
    slow.open();
    await rig.clock.pass(1_000);
    expect(rig.attempts).toHaveLength(1);
    await worker.stop();
  });

  it('is given up at once when the worker stops', async () => {
    const slow = slowly();
    const rig = await openWaitingRig(llm, numbers(2), slow.opens);
    const worker = rig.work();
    await rig.clock.pass(minute);
    const begun = rig.clock.now();
    await worker.stop();
    expect(rig.clock.now() - begun).toBeLessThan(1_000);
    expect(slow.given).toBe(1);
    expect(rig.ledger.look.shards(rig.run).map(({ owner, losses }) => [owner, losses])).toEqual([[null, 0]]);
    expect(rig.warnings).toEqual([]);
  });

  it('is given up for a pause, in which nothing begins, and is opened again after it', async () => {
    const slow = slowly();
    const rig = await openWaitingRig(llm, numbers(2), slow.opens);
    const worker = rig.work();
    await rig.clock.pass(minute);
    await rig.ledger.control(rig.run, 'paused');
    await rig.clock.pass(6_000);
    slow.open();
    await rig.clock.pass(minute);
    expect(rig.attempts).toEqual([]);
    await rig.ledger.control(rig.run, 'go');
    await rig.clock.pass(1_000);
    expect(await rig.status()).toBe('completed');
    await worker.stop();
  });

  it('keeps nobody else waiting', async () => {
    const slow = slowly();
    const rig = await openWaitingRig(readThenAsk, numbers(20, { ms: 100 }), (step, options) =>
      step === 'llm' ? slow.opens(step, options) : undefined,
    );
    const worker = rig.work();
    await rig.clock.pass(minute);
    expect(rig.attempts).toHaveLength(20);
    slow.open();
    await rig.clock.pass(minute);
    expect(await rig.status()).toBe('completed');
    expect(rig.attempts).toHaveLength(40);
    await worker.stop();
  });
});
