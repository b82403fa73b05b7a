import { spawn } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId, WorkerId } from '@exosphere/model';
import { newId, sampleRun } from '@exosphere/testkit/ledger-samples';
import { expect, it } from 'vitest';
import { startTemporaryServer } from '../embedded/temporary-server.ts';
import type { TemporaryServer } from '../embedded/temporary-server.ts';
import { endingCommit, recorded, startAndTake } from '../testing/run-samples.ts';
import { connectLedger } from './connect-ledger.ts';

/** The server's process, so that it can be ended at once and started again as it was. */
async function restartable(server: TemporaryServer): Promise<{ crash: () => Promise<void>; start: () => Promise<void> }> {
  const pid = async (): Promise<number> => Number((await readFile(join(server.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const [command = '', ...args] = (await readFile(`/proc/${await pid()}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  const { uid, gid } = await stat(server.dataDirectory);
  return {
    // SIGQUIT is `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start
    crash: async () => {
      const running = await pid();
      process.kill(running, 'SIGQUIT');
      await expect.poll(async () => (await readdir('/proc')).includes(String(running)), { timeout: 10_000 }).toBe(false);
    },
    start: async () => {
      spawn(command, args, { uid, gid, detached: true, stdio: 'ignore', cwd: server.dataDirectory }).unref();
      await sleep(50);
    },
  };
}

const isLinux = process.platform === 'linux';

it.skipIf(!isLinux)(
  'goes on by itself after the server crashed and came back, with everything recorded once (PGF-01)',
  { timeout: 120_000 },
  async () => {
    const server = await startTemporaryServer({ durable: true });
    const ledger = await connectLedger({ connectionString: server.url, onWarning: () => undefined });
    try {
      const { crash, start } = await restartable(server);
      const worker = newId<WorkerId>();
      const shards = await startAndTake(ledger, worker, 60);
      const run = shards[0]?.run ?? newId<RunId>();
      let failed = 0;
      const record = async (index: number): Promise<void> => {
        const shard = shards[index];
        while (shard !== undefined) {
          try {
            expect(['committed', 'stale']).toContain(
              (await ledger.commit({ slot: 0, shards: [endingCommit(shard, index)], newShards: [] })).kind,
            );
            return;
          } catch (error) {
            expect(error).toMatchObject({ code: 'database-unavailable', retryable: true });
            failed += 1;
            await sleep(100);
          }
        }
      };
      const recording = (async () => {
        for (let i = 0; i < shards.length; i += 1) {
          await record(i);
          await sleep(20);
        }
      })();
      for (let i = 0; i < 2; i += 1) {
        await sleep(250);
        await crash();
        await sleep(500);
        await start();
        const back = performance.now();
        await expect.poll(() => ledger.readRun(run).then((row) => row?.id, () => null), { timeout: 20_000, interval: 50 }).toBe(run); // prettier-ignore
        expect(performance.now() - back).toBeLessThan(10_000);
      }
      await recording;
      expect(failed).toBeGreaterThan(0);
      expect(await recorded(ledger, run)).toEqual({ rows: 60, counted: 60 });
      await ledger.createRun(sampleRun(newId()));
      expect(await ledger.claim(worker, { max: 1 })).toHaveLength(1);
    } finally {
      await ledger.close();
      await server.stop();
    }
  },
);
