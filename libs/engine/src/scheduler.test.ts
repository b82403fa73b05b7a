import type { JsonObject } from '@exosphere/model';
import { createMemoryLedger, createSimulatedClock } from '@exosphere/testkit';
import type { MemoryLedger, SimulatedClock } from '@exosphere/testkit';
import { ExosphereError } from '@exosphere/model';
import { newId, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import type { RunId } from '@exosphere/model';
import { describe, expect, it } from 'vitest';
import { retryRun } from './retry-run.ts';
import { RunRegistry } from './run-info.ts';
import { Scheduler } from './scheduler.ts';
import { openSlaRig } from '@exosphere/testkit/worked';
import type { SeenRun, SlaRig } from '@exosphere/testkit/worked';

interface Simulated extends SlaRig {
  readonly clock: SimulatedClock;
  readonly ledger: MemoryLedger;
  readonly release: () => void;
}

async function simulate(cluster: JsonObject): Promise<Simulated> {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const rig = await openSlaRig({ ledger, clock }, { sla: '1h', ...cluster });
  return { ...rig, clock, ledger, stop: () => clock.drive(rig.stop) };
}

const hour = 3_600_000;
/** The worker hears of what is asked of its runs as it renews its leases. */
const heard = 6_000;

/** Three items: one is done, one has failed, one never ends. */
const cluster = {
  satellites: [
    { identifier: 'src', uses: 'test/list', config: { items: [{ n: 1 }, { n: 2, fail: true }, { n: 3, hang: true }] } },
    { identifier: 'work', uses: 'test/echo' },
    { identifier: 'last', uses: 'test/echo' },
    { identifier: 'clean', uses: 'test/echo', needs: ['work'], if: 'always()' },
    { identifier: 'all', uses: 'test/echo', collect: 'run', needs: ['last'], input: {} },
  ],
};
const ended = {
  src: ['completed'],
  work: ['completed', 'failed told-to-fail', 'cancelled sla'],
  last: ['completed'],
  clean: ['completed', 'completed'],
};
const missed = 'the run missed its SLA of 1h';

async function seeAfterMiss(rig: Simulated): Promise<SeenRun> {
  await rig.clock.pass(hour - 1_000);
  expect((await rig.see()).status).toBe('running');
  await rig.clock.pass(1_000 + heard + 2_000);
  return rig.see();
}

describe('a run that misses its SLA', () => {
  it('goes on, late, with `continue`, and says so once', async () => {
    const rig = await simulate({ ...cluster, 'on-sla-miss': 'continue' });
    const seen = await seeAfterMiss(rig);
    expect(seen).toMatchObject({ status: 'running', messages: ['the run was accepted', `${missed}: it goes on, late`] });
    expect(await rig.ledger.readRun(rig.run)).toMatchObject({ late: true, control: 'go' });
    await rig.clock.pass(hour);
    expect((await rig.see()).messages).toEqual(seen.messages);
    expect(rig.attempts).not.toContain('work!');
    await rig.stop();
  });

  it('fails with `fail`: attempts are stopped, what has not ended is cancelled, nothing new starts', async () => {
    const rig = await simulate({ ...cluster, 'on-sla-miss': 'fail' });
    const seen = await seeAfterMiss(rig);
    expect(seen).toMatchObject({ status: 'failed', reason: 'it missed its SLA of 1h', steps: ended });
    expect(seen.messages).toEqual([
      'the run was accepted',
      `${missed}: what has not ended is cancelled, and it fails`,
      'the run ended: failed, since it missed its SLA of 1h',
    ]);
    expect(rig.attempts.filter((step) => step === 'work!')).toHaveLength(1);
    await rig.stop();
  });

  it('is cancelled with `cancel`, without a chain', async () => {
    const failure = { per: 'run', satellites: [{ identifier: 'alert', uses: 'test/echo' }] };
    const rig = await simulate({ ...cluster, failure, 'on-sla-miss': 'cancel' });
    expect(await seeAfterMiss(rig)).toMatchObject({ status: 'cancelled', reason: 'it missed its SLA of 1h', steps: ended });
    expect(rig.attempts).not.toContain('alert');
    await rig.stop();
  });

  it('runs a chain of the whole run once, with what had failed', async () => {
    const failure = {
      per: 'run',
      satellites: [
        { identifier: 'alert', uses: 'test/echo', input: { count: '${{ failure.count }}' } },
        { identifier: 'then', uses: 'test/echo' },
      ],
    };
    const rig = await simulate({ ...cluster, failure, 'on-sla-miss': 'fail' });
    expect(await seeAfterMiss(rig)).toMatchObject({ status: 'failed', steps: { ...ended, alert: ['completed'], then: ['completed'] } });
    const [alert] = await rig.ledger.readExecutionsBelow({ run: rig.run, step: 5, scope: [], upToRound: null });
    expect(alert?.output).toBe('{"count":1}');
    expect(rig.attempts.filter((step) => step === 'alert')).toHaveLength(1);
    await rig.stop();
  });

  it('runs a chain of the whole run also where nothing had failed', async () => {
    const failure = { per: 'run', satellites: [{ identifier: 'alert', uses: 'test/echo' }] };
    const rig = await simulate({
      satellites: [{ identifier: 'work', uses: 'test/echo', config: { hang: true } }],
      failure,
      'on-sla-miss': 'fail',
    });
    expect(await seeAfterMiss(rig)).toMatchObject({ status: 'failed', steps: { work: ['cancelled sla'], alert: ['completed'] } });
    await rig.stop();
  });

  it('lets chains of items that have begun end, and starts none', async () => {
    const satellites = [
      { identifier: 'src', uses: 'test/list', config: { items: [{ fail: true }, { hang: true }] } },
      { identifier: 'work', uses: 'test/echo' },
    ];
    const failure = {
      satellites: [
        { identifier: 'alert', uses: 'test/echo', config: { fail: false, stubborn: true } },
        { identifier: 'then', uses: 'test/echo', config: { fail: false } },
      ],
    };
    const rig = await simulate({ satellites, failure, 'on-sla-miss': 'fail' });
    const middle = await seeAfterMiss(rig);
    expect(middle).toMatchObject({ status: 'running', steps: { work: ['failed told-to-fail', 'cancelled sla'] } });
    rig.release();
    await rig.clock.pass(1_000);
    expect(await rig.see()).toMatchObject({ status: 'failed', steps: { alert: ['completed'], then: ['completed'] } });
    expect(rig.attempts.filter((step) => step === 'alert')).toHaveLength(1);
    await rig.stop();
  });

  it('stops chains that go on for more than half an hour', async () => {
    const failure = { satellites: [{ identifier: 'alert', uses: 'test/echo', config: { fail: false, hang: true } }] };
    const rig = await simulate({
      satellites: [{ identifier: 'work', uses: 'test/echo', config: { fail: true } }],
      failure,
      'on-sla-miss': 'fail',
    });
    expect((await seeAfterMiss(rig)).status).toBe('running');
    await rig.clock.pass(hour / 2);
    expect(await rig.see()).toMatchObject({ status: 'failed', steps: { work: ['failed told-to-fail'], alert: ['cancelled sla'] } });
    await rig.stop();
  });

  it('waits for no delay and no pause any more', async () => {
    const satellites = [{ identifier: 'work', uses: 'test/echo' }, { identifier: 'later', uses: 'test/echo', delay: '2d' }]; // prettier-ignore
    const delayed = await simulate({ satellites, 'on-sla-miss': 'fail' });
    expect(await seeAfterMiss(delayed)).toMatchObject({ status: 'failed', steps: { work: ['completed'], later: ['cancelled sla'] } });
    await delayed.stop();

    const paused = await simulate({ satellites, 'on-sla-miss': 'cancel' });
    await paused.clock.pass(1_000);
    await paused.ledger.control(paused.run, 'paused');
    expect(await seeAfterMiss(paused)).toMatchObject({ status: 'cancelled', steps: { work: ['completed'], later: ['cancelled sla'] } });
    await paused.stop();
  });

  it('stays cancelled if somebody had cancelled it', async () => {
    const clean = { identifier: 'clean', uses: 'test/echo', if: 'always()', config: { hang: true } };
    const rig = await simulate({
      satellites: [{ identifier: 'work', uses: 'test/echo', config: { hang: true } }, clean],
      'on-sla-miss': 'fail',
    });
    await rig.clock.pass(1_000);
    await rig.ledger.control(rig.run, 'cancelling');
    await rig.clock.pass(hour + heard);
    expect(await rig.ledger.readRun(rig.run)).toMatchObject({ status: 'running', control: 'cancelling' });
    await rig.ledger.control(rig.run, 'cancelling-all');
    await rig.clock.pass(heard + 2_000);
    expect(await rig.see()).toMatchObject({
      status: 'cancelled',
      reason: 'it was cancelled',
      steps: { work: ['cancelled'], clean: ['cancelled'] },
    });
    await rig.stop();
  });

  it('has its deadline anew with a retry, which takes up what the SLA cancelled; a worker learns of the round as it takes a shard', async () => {
    const rig = await simulate({
      satellites: [{ identifier: 'work', uses: 'test/echo', config: { stubborn: true } }],
      'on-sla-miss': 'fail',
    });
    expect(await seeAfterMiss(rig)).toMatchObject({ status: 'failed' });
    rig.release();
    expect(await retryRun({ ledger: rig.ledger, clock: rig.clock, runs: new RunRegistry(rig.ledger) }, rig.run, {})).toBe(1);
    await rig.clock.pass(heard);
    expect(await rig.see()).toMatchObject({ status: 'completed', steps: { work: ['completed'] } });
    await rig.stop();
  });
});

describe('the scheduler', () => {
  it('ends runs that a crash left behind, and wakes work whose wake-ups were lost', async () => {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const run = newId<RunId>();
    const shard = sampleShard(run, { dueAt: clock.now() + 20_000 });
    await ledger.createRun(sampleRun(run, { shards: [shard] }));
    let told = 0;
    const scheduler = new Scheduler({ ledger, clock, report: { warn: () => undefined }, onWork: () => (told += 1) });
    expect(await scheduler.look()).toBe(1_000);
    await clock.pass(19_500);
    expect(await scheduler.look()).toBe(500);
    expect(told).toBe(0);
    await clock.pass(500);
    await scheduler.look();
    expect(told).toBe(1);
    expect(await ledger.claim(newId(), { max: 1 })).toMatchObject([{ id: shard.id }]);
  });

  it('goes on where something fails, and says so', async () => {
    const clock = createSimulatedClock();
    const down = new ExosphereError('database-unavailable', 'gone', { retryable: true });
    const ledger = createMemoryLedger({ clock, onCall: () => Promise.reject(down) });
    const warnings: string[] = [];
    const scheduler = new Scheduler({ ledger, clock, report: { warn: (message) => void warnings.push(message) } });
    expect(await scheduler.look()).toBe(1_000);
    expect(warnings).toEqual([
      'missed SLAs could not be looked for',
      'runs without work could not be looked for',
      'what is due could not be woken',
    ]);
  });
});
