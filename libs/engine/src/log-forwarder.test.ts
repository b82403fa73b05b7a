import { createMemoryLedger, createSimulatedClock, withCrashPoints } from '@exosphere/testkit';
import type { MemoryLedger, SimulatedClock } from '@exosphere/testkit';
import { ExosphereError } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { retryRun } from './retry-run.ts';
import { RunRegistry } from './run-info.ts';
import type { LogRig, LogRigOptions } from '@exosphere/testkit/worked';
import { openLogRig, sinkFailure as failure } from '@exosphere/testkit/worked';
import { waitForLogs } from './wait-for-logs.ts';

interface Simulated extends LogRig {
  readonly clock: SimulatedClock;
  readonly ledger: MemoryLedger;
  /** Lets time pass until the delivery has ended. */
  logs(): Promise<string>;
}

async function simulate(options: Omit<LogRigOptions, 'ledger' | 'clock'>): Promise<Simulated> {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const rig = await openLogRig({ ledger, clock, ...options });
  const logs = async (): Promise<string> => {
    await clock.runUntil(async () => (await ledger.readRun(rig.run))?.logs !== 'pending', { mostMs: 3_600_000 });
    return (await ledger.readRun(rig.run))?.logs ?? 'gone';
  };
  return { ...rig, clock, ledger, logs };
}

const accepted = 'the run was accepted';
const ended = 'the run ended: completed';
const noRetries = { retries: 0 };

describe('the forwarder of logs', () => {
  it('hands each sink the records of its level, in order, from the acceptance of the run to its end, each once', async () => {
    const rig = await simulate({
      sinks: [
        { identifier: 'all', config: { 'log-level': 'debug' } },
        { identifier: 'plain' },
        { identifier: 'bad', config: { 'log-level': 'error' } },
      ],
    });
    const { stop } = rig.forwarder();
    await rig.write(['a', 'b'], 'debug');
    await rig.clock.pass(6_000);
    await rig.write(['c'], 'error');
    await rig.write(['d']);
    await rig.end();
    expect(await rig.logs()).toBe('delivered');
    await stop();
    expect(rig.taken('all')).toEqual([accepted, 'a', 'b', 'c', 'd', ended]);
    expect(rig.taken('plain')).toEqual([accepted, 'c', 'd', ended]);
    expect(rig.taken('bad')).toEqual(['c']);
    expect(rig.warnings).toEqual([]);
  });

  it('lets records wait 5 s for others while the run goes on, and no longer when it has ended', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const { stop } = rig.forwarder();
    await rig.clock.pass(10);
    for (let i = 0; i < 12; i += 1) {
      await rig.write([String(i)]);
      await rig.clock.pass(1_000);
    }
    const sizes = rig.deliveries.map((one) => one.messages.length);
    expect(sizes).toEqual([1, 5, 5]);
    const before = rig.clock.now();
    await rig.end();
    await rig.logs();
    expect(rig.clock.now() - before).toBeLessThanOrEqual(1_000);
    expect(rig.deliveries.at(-1)?.messages).toEqual(['10', '11', ended]);
    await stop();
  });

  it('cuts a long log into deliveries of 500', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const many = Array.from({ length: 1_200 }, (_, i) => String(i));
    await rig.write(many.slice(0, 1_100));
    await rig.write(many.slice(1_100));
    await rig.end();
    const { stop } = rig.forwarder();
    expect(await rig.logs()).toBe('delivered');
    await stop();
    expect(rig.deliveries.map((one) => one.messages.length)).toEqual([500, 500, 202]);
    expect(rig.taken('sink')).toEqual([accepted, ...many, ended]);
    expect(new Set(rig.deliveries.map((one) => one.key)).size).toBe(3);
  });

  it('tries a delivery again with the retries of the step, under the same key, and sends nothing behind it before', async () => {
    let left = 2;
    const answer: LogRigOptions['answer'] = () => (left-- > 0 ? failure() : null);
    const rig = await simulate({
      sinks: [{ identifier: 'sink', retries: { max: 3, delay: '2s', backoff: 'exponential', jitter: false } }],
      answer,
    });
    await rig.write(['a']);
    await rig.end();
    const { stop } = rig.forwarder();
    expect(await rig.logs()).toBe('delivered');
    await stop();
    expect(rig.deliveries.map((one) => [one.attempt, one.taken])).toEqual([[1, false], [2, false], [3, true]]); // prettier-ignore
    const [first, second, third] = rig.deliveries;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(2_000);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBe(4_000);
    expect(new Set(rig.deliveries.map((one) => one.key)).size).toBe(1);
    expect(rig.taken('sink')).toEqual([accepted, 'a', ended]);
  });

  it('does not let one sink wait for another', async () => {
    const answer: LogRigOptions['answer'] = ({ sink }) => (sink === 'down' ? failure() : null);
    const rig = await simulate({ sinks: [{ identifier: 'down', ...noRetries }, { identifier: 'up' }], answer });
    const { stop } = rig.forwarder();
    await rig.write(['a']);
    await rig.clock.pass(10_000);
    await rig.end();
    expect(await rig.logs()).toBe('given-up');
    await stop();
    expect(rig.taken('up')).toEqual([accepted, 'a', ended]);
    expect(rig.taken('down')).toEqual([]);
    expect(await rig.ledger.readSinks(rig.run, ['down', 'up'])).toMatchObject([
      { status: 'given-up', cursor: null, error: 'down: it is down' },
      { status: 'delivered', error: null },
    ]);
    expect(await rig.ledger.readRun(rig.run)).toMatchObject({ status: 'completed', reason: null });
  });

  it('gives nothing up as long as the run goes on, and tries anew when it ends', async () => {
    let isUp = false;
    const rig = await simulate({
      sinks: [{ identifier: 'sink', ...noRetries }],
      answer: () => (isUp ? null : failure({ retryable: false })),
    });
    const { stop } = rig.forwarder();
    await rig.clock.pass(3_600_000);
    expect(rig.deliveries.length).toBeGreaterThan(5);
    expect(rig.deliveries.length).toBeLessThan(20);
    expect(await rig.ledger.readSinks(rig.run, ['sink'])).toMatchObject([{ status: 'pending', error: 'down: it is down' }]);
    isUp = true;
    const before = rig.clock.now();
    await rig.end();
    expect(await rig.logs()).toBe('delivered');
    expect(rig.clock.now() - before).toBeLessThanOrEqual(2_000);
    expect(rig.taken('sink')).toEqual([accepted, ended]);
    expect(await rig.ledger.readSinks(rig.run, ['sink'])).toMatchObject([{ status: 'delivered', failingSince: null, error: null }]);
    await stop();
  });

  it('gives up 10 minutes after the end of the run, however many retries are left', async () => {
    const rig = await simulate({
      sinks: [{ identifier: 'sink', retries: { max: 1_000, delay: '7s', backoff: 'fixed', jitter: false } }],
      answer: () => failure(),
    });
    const { stop } = rig.forwarder();
    await rig.end();
    const before = rig.clock.now();
    expect(await rig.logs()).toBe('given-up');
    expect(rig.clock.now() - before).toBeGreaterThan(590_000);
    expect(rig.clock.now() - before).toBeLessThanOrEqual(600_000);
    await stop();
  });

  it('gives up 10 minutes after the end of the run also where records are held up', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const held = { ...rig.ledger, readLogChunks: () => Promise.resolve({ chunks: [], waiting: true }) };
    const { stop } = rig.forwarder({ ledger: held });
    await rig.end();
    const before = rig.clock.now();
    expect(await rig.logs()).toBe('given-up');
    expect(rig.clock.now() - before).toBeGreaterThanOrEqual(600_000);
    expect(rig.clock.now() - before).toBeLessThan(601_000);
    expect(await rig.ledger.readSinks(rig.run, ['sink'])).toMatchObject([{ error: expect.stringContaining('held up by a transaction') }]);
    await stop();
  });

  it('resolves the templates of a sink for each delivery; a missing secret is the reason that it gives up with', async () => {
    const sinks = [{ identifier: 'sink', config: { token: '${{ secrets.TOKEN }}', of: '${{ cluster.identifier }}' }, ...noRetries }];
    const rig = await simulate({
      sinks,
      secrets: { TOKEN: 'tokentoken' },
      answer: ({ config }) => failure({ message: `bad ${config['token'] as string}` }),
    });
    const { stop } = rig.forwarder();
    await rig.end();
    expect(await rig.logs()).toBe('given-up');
    await stop();
    expect(rig.deliveries[0]?.config).toEqual({ token: 'tokentoken', of: 'test/forward' });
    expect(await rig.ledger.readSinks(rig.run, ['sink'])).toMatchObject([{ error: 'down: bad ***' }]);
    expect(JSON.stringify(rig.warnings)).not.toContain('tokentoken');

    const without = await simulate({ sinks });
    const other = without.forwarder();
    await without.end();
    expect(await without.logs()).toBe('given-up');
    await other.stop();
    expect(await without.ledger.readSinks(without.run, ['sink'])).toMatchObject([
      { error: expect.stringContaining("secret-missing: step 'sink' needs the secret 'TOKEN'") },
    ]);
  });

  it('refuses a level that there is not', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink', config: { 'log-level': 'loud' }, ...noRetries }] });
    const { stop } = rig.forwarder();
    await rig.end();
    expect(await rig.logs()).toBe('given-up');
    await stop();
    expect(await rig.ledger.readSinks(rig.run, ['sink'])).toMatchObject([
      { error: 'config-invalid: config/log-level is "loud"; expected one of debug, info, warn, error' },
    ]);
  });

  it('goes on in a new round where each sink was, also one that was given up', async () => {
    let isUp = false;
    const rig = await simulate({
      sinks: [{ identifier: 'late', ...noRetries }, { identifier: 'up' }],
      answer: ({ sink }) => (sink === 'up' || isUp ? null : failure()),
    });
    const { stop } = rig.forwarder();
    await rig.end();
    expect(await rig.logs()).toBe('given-up');
    isUp = true;
    const place = { ledger: rig.ledger, clock: rig.clock, runs: new RunRegistry(rig.ledger) };
    await expect(retryRun(place, rig.run, {})).rejects.toMatchObject({ code: 'nothing-to-retry' });
    const time = new Date(rig.clock.now()).toISOString();
    const record = {
      time,
      level: 'info',
      run: rig.run,
      step: null,
      execution: null,
      attempt: null,
      message: 'round 2',
      fields: {},
    } as const;
    await rig.ledger.reopen({
      run: rig.run,
      round: 2,
      slaMs: 1_000,
      remove: [],
      removeGates: [],
      gates: [],
      counts: [],
      failures: [],
      shards: [],
      record,
    });
    await rig.clock.pass(6_000);
    await rig.ledger.endRun(rig.run, { status: 'completed', reason: null, record: { ...record, message: ended } });
    expect(await rig.logs()).toBe('delivered');
    await stop();
    expect(rig.taken('up')).toEqual([accepted, ended, 'round 2', ended]);
    expect(rig.taken('late')).toEqual([accepted, ended, 'round 2', ended]);
  });

  it('is done by one process at a time; a drain gives the run to another at once', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const first = rig.forwarder();
    await rig.clock.pass(1_000);
    const second = rig.forwarder();
    await rig.write(['a']);
    await rig.clock.pass(10_000);
    expect(rig.taken('sink')).toEqual([accepted, 'a']);
    await first.stop();
    await rig.write(['b']);
    await rig.clock.pass(2_000);
    expect(rig.taken('sink')).toEqual([accepted, 'a', 'b']);
    await rig.end();
    expect(await rig.logs()).toBe('delivered');
    await second.stop();
    expect(rig.taken('sink')).toEqual([accepted, 'a', 'b', ended]);
  });

  it('waits for a database that does not answer', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const flaky = withCrashPoints(rig.ledger, (method, phase) => {
      const isLog = ['claimForwarding', 'readSinks', 'readLogChunks', 'advanceSink', 'finishForwarding', 'readRun'].includes(method);
      if (isLog && rig.clock.random() < 0.4) throw new ExosphereError('database-unavailable', `gone ${phase}`, { retryable: true });
    });
    const { stop } = rig.forwarder({ ledger: flaky });
    await rig.write(['a']);
    await rig.end();
    expect(await rig.logs()).toBe('delivered');
    await stop();
    expect(withoutRepeats(rig.taken('sink'))).toEqual([accepted, 'a', ended]);
  });

  it('loses nothing and keeps the order, whenever its process dies', async () => {
    let deaths = 0;
    for (let at = 0; at < 60; at += 1) {
      const rig = await simulate({ sinks: [{ identifier: 'one' }, { identifier: 'two', config: { 'log-level': 'warn' } }] });
      let points = 0;
      let isDead = false;
      const dying = withCrashPoints(rig.ledger, () => {
        if (!isDead && points++ === at) {
          isDead = true;
          deaths += 1;
        }
        return isDead ? new Promise(() => undefined) : undefined;
      });
      rig.forwarder({ ledger: dying });
      for (const message of ['a', 'b', 'c']) {
        await rig.write([message, `${message}!`], message === 'b' ? 'warn' : 'info');
        await rig.clock.pass(4_000);
      }
      const second = rig.forwarder();
      await rig.end();
      expect(await rig.logs()).toBe('delivered');
      await second.stop();
      expect(withoutRepeats(rig.taken('one'))).toEqual([accepted, 'a', 'a!', 'b', 'b!', 'c', 'c!', ended]);
      expect(withoutRepeats(rig.taken('two'))).toEqual(['b', 'b!']);
    }
    expect(deaths).toBeGreaterThan(30);
  });

  it('is waited for', async () => {
    const rig = await simulate({ sinks: [{ identifier: 'sink' }] });
    const waiting = waitForLogs(rig, rig.run, new AbortController().signal);
    const gone = new AbortController();
    const giving = waitForLogs(rig, rig.run, gone.signal);
    await rig.clock.pass(1_000);
    gone.abort();
    expect(await giving).toBe('pending');
    const { stop } = rig.forwarder();
    await rig.end();
    await rig.logs();
    await rig.clock.pass(1_000);
    expect(await waiting).toBe('delivered');
    await stop();
    await expect(waitForLogs(rig, '00000000-0000-7000-8000-000000000000' as LogRig['run'], gone.signal)).rejects.toMatchObject({
      code: 'run-unknown',
    }); // an id of no run
  });
});

/** What is left if each record counts where it came first; that it came again may only be behind that. */
function withoutRepeats(messages: readonly string[]): readonly string[] {
  return messages.filter((message, i) => messages.indexOf(message) === i);
}
