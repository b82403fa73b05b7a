import type { ShardId } from '@exosphere/model';
import { asId } from '@exosphere/model';
import type { ClientBase } from 'pg';
import type { Db, Queue } from 'pg-boss';
import { PgBoss } from 'pg-boss';
import type { Connections, OnWarning } from '../database/pools.ts';

export const bossSchema = 'exosphere_boss';

/** A shard that can be claimed now: the more urgent goes first. */
export interface WakeUp {
  readonly shard: ShardId;
  /** The latest start in seconds since 1970: smaller goes first. */
  readonly priority: number;
}

export interface FetchedWakeUp {
  readonly id: string;
  readonly retryCount: number;
  readonly shard: ShardId;
}

/** Delivers wake-ups by pg-boss. Whatever becomes of one is harmless: {@link Ledger.wakeDue} makes up for it. */
export interface WakeUpQueue {
  readonly name: string;
  /** @param known the shards have no other wake-up: the id of the shard names the job, so that it stays the only one */
  send(client: ClientBase | null, wakeUps: readonly WakeUp[], known: { readonly fresh: boolean }): Promise<void>;
  fetch(client: ClientBase, max: number): Promise<readonly FetchedWakeUp[]>;
  remove(client: ClientBase, jobs: readonly FetchedWakeUp[]): Promise<void>;
  /** pg-boss' own maintenance: one process at a time calls it. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

/** No job is active for longer than a transaction, and none is kept. */
const settings = {
  expireInSeconds: 60,
  retentionSeconds: 86_400,
  deleteAfterSeconds: 60,
  retryLimit: 1_000_000,
} as const satisfies Omit<Queue, 'name'>;

export async function openQueue(connections: Connections, name: string, onWarning: OnWarning): Promise<WakeUpQueue> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => connections.run(text, values ?? []) },
    schema: bossSchema,
    supervise: false,
    schedule: false,
    registerInstance: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (cause) => onWarning({ message: 'pg-boss reports an error', cause }));
  await boss.start();
  await ensureQueue(boss, name);
  return {
    name,
    send: async (client, wakeUps, { fresh }) => {
      if (wakeUps.length === 0) return;
      const jobs = wakeUps.map(({ shard, priority }) => ({
        ...(fresh ? { id: shard } : {}),
        data: { shard },
        priority: bossPriority(priority),
      }));
      await boss.insert(name, jobs, client === null ? {} : { db: dbOf(client) });
    },
    fetch: async (client, max) => {
      const jobs = await boss.fetch<{ shard: string }>(name, { batchSize: max, db: dbOf(client) });
      return jobs.map((job) => ({ id: job.id, retryCount: job.retryCount, shard: asId<ShardId>(job.data.shard) }));
    },
    remove: async (client, jobs) => {
      await boss.deleteJob(
        name,
        jobs.map(({ id, retryCount }) => ({ id, retryCount })),
        { db: dbOf(client) },
      );
    },
    maintain: () => boss.supervise(name),
    close: () => boss.stop({ graceful: false, close: false }),
  };
}

/** pg-boss takes the highest first, as a 32-bit integer. */
function bossPriority(latestStart: number): number {
  return Math.round(Math.min(Math.max(-latestStart, -2_147_483_648), 2_147_483_647));
}

/** Options of a job come from its queue (those of a schedule or a send were ignored before, pg-boss #529): set there, and read back. */
async function ensureQueue(boss: PgBoss, name: string): Promise<void> {
  const found = await boss.getQueue(name);
  if (found === null) {
    await boss.createQueue(name, { policy: 'standard', ...settings });
    return;
  }
  const differs = Object.entries(settings).some(([key, value]) => found[key as keyof typeof found] !== value); // keys of our own literal
  if (differs) await boss.updateQueue(name, settings);
}

const names = new Map<string, string>();

/** pg-boss has few texts, and each is worth preparing. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `boss ${names.size}`;
    names.set(text, name);
  }
  return name;
}

function dbOf(client: ClientBase): Db {
  return { executeSql: async (text, values = []) => client.query({ name: nameOf(text), text, values: [...values] }) };
}
