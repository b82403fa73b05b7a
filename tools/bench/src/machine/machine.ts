import { open, unlink } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure/statistics.ts';
import type { DatabaseFacts } from './database.ts';

/** Where it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  /** ms for a write of 8 KiB to reach the disk: the median of many. */
  readonly writeMs: number;
  /** Processes that wanted a core in the minute before, and in the last minute. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly node: string;
  readonly database: DatabaseFacts | null;
  /** Package → version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The facts that do not change while it is measured. */
export async function machineFacts(): Promise<Omit<Machine, 'loadBefore' | 'loadAfter' | 'database' | 'versions'>> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
    writeMs: await writeTime(),
    node: process.versions.node,
  };
}

export function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(1));
}

const writes = 200;

async function writeTime(): Promise<number> {
  const path = join(tmpdir(), `exosphere-bench-${process.pid}.write`);
  const file = await open(path, 'w');
  const times: number[] = [];
  try {
    for (let i = 0; i < writes; i += 1) {
      const began = performance.now();
      await file.write(Buffer.alloc(8_192, i % 256), 0, 8_192, i * 8_192);
      await file.datasync();
      times.push(performance.now() - began);
    }
  } finally {
    await file.close();
    await unlink(path);
  }
  return Number(median(times).toFixed(3));
}
