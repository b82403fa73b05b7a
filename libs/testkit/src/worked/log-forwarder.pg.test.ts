import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { waitForLogs } from '@exosphere/engine';
import type { Clock } from '@exosphere/ports';
import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
import type { TestDatabase } from '../test-database.ts';
import { createTestDatabase } from '../test-database.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRig, LogRigOptions } from './log-rig.ts';
import { openLogRig, sinkFailure } from './log-rig.ts';
import { openSlaRig } from './sla-rig.ts';

const clock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined); // an aborted sleep ends early
  },
  random: () => 0,
  bytes: (length) => randomBytes(length),
};

let database: TestDatabase;
let ledger: PostgresLedger;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await connectLedger({ connectionString: database.url });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await ledger.close();
  await database.drop();
});

const quick = { lookEveryMs: 20, waitMs: 50 };
const never = new AbortController().signal;
const accepted = 'the run was accepted';
const ended = 'the run ended: completed';

function open(options: Pick<LogRigOptions, 'sinks' | 'answer'>): Promise<LogRig> {
  return openLogRig({ ledger, clock, ...options });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 15_000, interval: 10 }).toBe(true);
}

describe('the forwarder of logs on PostgreSQL', () => {
  it('delivers what is written while transactions of other runs are open, in order, and nothing before its turn', async () => {
    const rig = await open({ sinks: [{ identifier: 'sink' }] });
    const { stop } = rig.forwarder(quick);
    await until(() => rig.taken('sink').length === 1);
    await client.query('begin');
    await client.query('select pg_current_xact_id()');
    await rig.write(['a', 'b']);
    await rig.end();
    await sleep(300);
    expect(rig.taken('sink')).toEqual([accepted]);
    await client.query('commit');
    expect(await waitForLogs({ ledger, clock }, rig.run, never)).toBe('delivered');
    await stop();
    expect(rig.taken('sink')).toEqual([accepted, 'a', 'b', ended]);
  });

  it('is taken over, when a process dies, where the sink was', async () => {
    const rig = await open({ sinks: [{ identifier: 'sink' }] });
    const hung = Promise.withResolvers<never>();
    const dying = { ...ledger, advanceSink: () => hung.promise };
    rig.forwarder({ ...quick, ledger: { ...dying, claimForwarding: once(ledger) } });
    await until(() => rig.taken('sink').length === 1);
    await rig.write(['a']);
    await rig.end();
    const { stop } = rig.forwarder(quick);
    await sleep(200);
    expect(rig.taken('sink')).toEqual([accepted]);
    await client.query(`update exosphere.log_forwarding set lease_until = now() - interval '1 second'`);
    expect(await waitForLogs({ ledger, clock }, rig.run, never)).toBe('delivered');
    await stop();
    expect(rig.taken('sink')).toEqual([accepted, accepted, 'a', ended]);
  });

  it('forwards each run in one of several processes, none twice', async () => {
    const rigs: LogRig[] = [];
    for (let i = 0; i < 8; i += 1) rigs.push(await open({ sinks: [{ identifier: 'one' }, { identifier: 'two' }] }));
    const forwarders = rigs.slice(0, 3).map((rig) => rig.forwarder(quick));
    const messages = Array.from({ length: 40 }, (_, i) => String(i));
    await Promise.all(
      rigs.map(async (rig) => {
        for (const message of messages) await rig.write([message]);
        await rig.end();
      }),
    );
    for (const rig of rigs) expect(await waitForLogs({ ledger, clock }, rig.run, never)).toBe('delivered');
    await Promise.all(forwarders.map(({ stop }) => stop()));
    // the runtime of a rig sees what its own forwarder delivers, of any run
    const delivered = rigs.flatMap((rig) => [...rig.taken('one'), ...rig.taken('two')]);
    expect(delivered).toHaveLength(8 * 2 * (messages.length + 2));
    expect(delivered.filter((message) => message === '39')).toHaveLength(16);
  });

  it('gives up, and says why, without touching the status of the run', async () => {
    const rig = await open({
      sinks: [{ identifier: 'down', retries: 0 }, { identifier: 'up' }],
      answer: ({ sink }) => (sink === 'up' ? null : sinkFailure()),
    });
    const { stop } = rig.forwarder(quick);
    await rig.end();
    expect(await waitForLogs({ ledger, clock }, rig.run, never)).toBe('given-up');
    await stop();
    expect(await ledger.readRun(rig.run)).toMatchObject({ status: 'completed', reason: null, logs: 'given-up' });
    expect(await ledger.readSinks(rig.run, ['down', 'up'])).toMatchObject([{ status: 'given-up', error: 'down: it is down' }, { status: 'delivered' }]); // prettier-ignore
    expect(rig.taken('up')).toEqual([accepted, ended]);
  });
});

describe('a run that misses its SLA, on PostgreSQL', () => {
  it.each([
    { policy: 'continue', status: 'running', work: [] },
    { policy: 'fail', status: 'failed', work: ['cancelled sla'] },
    { policy: 'cancel', status: 'cancelled', work: ['cancelled sla'] },
  ])('does what `on-sla-miss: $policy` says', async ({ policy, status, work }) => {
    const failure = { per: 'run', satellites: [{ identifier: 'alert', uses: 'test/echo' }] };
    const satellites = [{ identifier: 'work', uses: 'test/echo', config: { stubborn: true } }];
    const rig = await openSlaRig({ ledger, clock }, { sla: '1h', 'on-sla-miss': policy, satellites, failure });
    await until(() => rig.attempts.length === 1);
    await client.query(`update exosphere.run set deadline = now() - interval '1 second' where id = $1`, [rig.run]);
    await until(async () => (await rig.see()).messages.some((message) => message.startsWith('the run missed its SLA')));
    if (policy !== 'continue') await until(async () => (await ledger.readRun(rig.run))?.endedAt !== null);
    const seen = await rig.see();
    expect(seen.status).toBe(status);
    expect(seen.steps['work'] ?? []).toEqual(work);
    expect(seen.steps['alert'] ?? []).toEqual(policy === 'fail' ? ['completed'] : []);
    rig.release();
    await until(async () => (await ledger.readRun(rig.run))?.endedAt !== null);
    await rig.stop();
    expect((await ledger.readRun(rig.run))?.late).toBe(true);
  });
});

/** A process that has taken what there was, and then does nothing more. */
function once(of: PostgresLedger): PostgresLedger['claimForwarding'] {
  let claims = 0;
  return (worker, options) => {
    claims += 1;
    return claims === 1 ? of.claimForwarding(worker, options) : new Promise(() => undefined);
  };
}
