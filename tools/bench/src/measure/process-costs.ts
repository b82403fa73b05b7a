import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** CPU time and memory of a process and all that it started. */
export interface Costs {
  readonly cpuMs: number;
  /** The most that each of them ever held in memory, added up. */
  readonly peakBytes: number;
}

/** A tick of the CPU times in `/proc`, which is 10 ms on every Linux that Node runs on. */
const msOfTick = 10;

/** What the processes that are alive now have cost so far; null where there is no `/proc`. */
export async function costsOfTree(root: number): Promise<Costs | null> {
  const parents = await parentsOfAll();
  if (parents === null) return null;
  const tree = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (!tree.has(parent) || tree.has(pid)) continue;
      tree.add(pid);
      grown = true;
    }
  }
  const costs = [...tree].map(costsOf);
  return { cpuMs: sum(costs.map((one) => one.cpuMs)), peakBytes: sum(costs.map((one) => one.peakBytes)) };
}

async function parentsOfAll(): Promise<ReadonlyMap<number, number> | null> {
  const entries = await readdir('/proc').catch(() => null); // another system
  if (entries === null) return null;
  const parents = new Map<number, number>();
  for (const name of entries.filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(Number(name))[1]);
    if (Number.isInteger(parent)) parents.set(Number(name), parent);
  }
  return parents;
}

function costsOf(pid: number): Costs {
  const stat = statOf(pid);
  const status = textOf(`/proc/${pid}/status`);
  const ticks = Number(stat[11] ?? 0) + Number(stat[12] ?? 0);
  return { cpuMs: ticks * msOfTick, peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 };
}

/** The fields behind the name, which may have blanks of its own: state, parent, … */
function statOf(pid: number): readonly string[] {
  const text = textOf(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Empty for a process that has ended since it was listed. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
