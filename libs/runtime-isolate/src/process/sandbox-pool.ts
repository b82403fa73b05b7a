import type { Buffer } from 'node:buffer';
import type { CellOptions } from '../link/messages.ts';
import type { MemoryWatch, Watched } from './memory-watch.ts';
import type { SandboxProcess } from './sandbox-process.ts';
import { openSandboxProcess } from './sandbox-process.ts';
import type { StartOptions } from './start-process.ts';

/** What a cell is wanted for: one open satellite of one run and step. */
export interface CellOwner {
  readonly project: string;
  readonly satellite: { readonly digest: string; readonly bundle: string; readonly memoryMiB: number };
  readonly cellOptions: CellOptions;
}

/** A cell that is taken for one call. */
export interface TakenCell {
  readonly process: SandboxProcess;
  readonly cell: number;
  /** @param again whether it lives and may serve the owner's next call */
  release(again: boolean): void;
}

export interface SandboxPool {
  /** Fails with `runtime-unavailable` where no process can work. */
  take(owner: CellOwner): Promise<TakenCell>;
  /** The owner is done: closes its idle cells. */
  leave(owner: CellOwner): void;
  /** Starts a process for whoever comes first. */
  warmUp(): Promise<void>;
  /** How many processes live. */
  readonly size: () => number;
  close(): Promise<void>;
}

export interface PoolOptions extends StartOptions {
  readonly guest: () => Promise<Buffer>;
  readonly watch: MemoryWatch;
  /** Processes beyond this number are started only for a project that has none. */
  readonly mostProcesses: number;
  readonly mostCellsPerProcess: number;
  /** Memory of a process without its cells. */
  readonly baseBytes: number;
  /** Most memory of a process, whatever its cells may have. */
  readonly mostBytes: number;
  readonly idleMs: number;
}

interface Member {
  readonly process: SandboxProcess;
  readonly watched: Watched;
  project: string | null;
  readonly cells: Map<number, { readonly owner: CellOwner; busy: boolean }>;
  idleSince: NodeJS.Timeout | null;
}

function busyCells(member: Member): number {
  return [...member.cells.values()].filter(({ busy }) => busy).length;
}

function serves(member: Member, owner: CellOwner): boolean {
  return [...member.cells.values()].every((cell) => !cell.busy || cell.owner === owner);
}

function mostBytesOf(member: Pick<Member, 'cells'>, options: PoolOptions): number {
  let bytes = options.baseBytes;
  for (const { owner } of member.cells.values()) bytes += 2 * owner.satellite.memoryMiB * 2 ** 20;
  return Math.min(bytes, options.mostBytes);
}

/**
 * Sandbox processes, each for one project at a time, and ended rather than given to another. A process runs calls of one owner where
 * there is room for that, so that who kills its process harms nobody else.
 */
export function createSandboxPool(options: PoolOptions): SandboxPool {
  const members = new Set<Member>();
  let closed = false;

  const start = async (): Promise<Member> => {
    const process = openSandboxProcess({ ...options, guest: await options.guest() });
    const cells: Member['cells'] = new Map();
    const watched: Watched = {
      pid: process.pid,
      mostBytes: () => ([...cells.values()].some(({ busy }) => busy) ? mostBytesOf({ cells }, options) : null),
      exceeded: (found, most) =>
        process.kill({
          reason: 'memory',
          message: `The sandbox process held ${mebibytes(found)} of memory; ${mebibytes(most)} are allowed.`,
        }),
    };
    const member: Member = { process, watched, project: null, cells, idleSince: null };
    members.add(member);
    options.watch.add(watched);
    void process.ended.then(() => remove(member));
    if (closed) process.kill({ reason: 'cancelled', message: 'The runtime was closed.' });
    return member;
  };

  const remove = (member: Member): void => {
    members.delete(member);
    options.watch.remove(member.watched);
    if (member.idleSince !== null) clearTimeout(member.idleSince);
  };

  const end = (member: Member, message: string): void => {
    members.delete(member);
    member.process.kill({ reason: 'cancelled', message });
  };

  const rest = (member: Member): void => {
    if (busyCells(member) > 0 || member.idleSince !== null) return;
    member.idleSince = setTimeout(() => end(member, 'The process was idle.'), options.idleMs).unref();
  };

  const find = (test: (member: Member) => boolean): Member | undefined =>
    [...members].find((member) => member.process.alive() && member.cells.size < options.mostCellsPerProcess && test(member));

  /** Room for one call more: best a process that nobody uses, then a new one, then one that has this owner's calls, then any. */
  const placeFor = async (owner: CellOwner): Promise<Member> => {
    const ours = (member: Member): boolean => member.project === owner.project;
    const idle = (member: Member): boolean => busyCells(member) === 0;
    const has = (member: Member): boolean => [...member.cells.values()].some((cell) => cell.owner === owner && !cell.busy);
    const ready =
      find((member) => ours(member) && has(member) && serves(member, owner)) ??
      find((member) => ours(member) && idle(member)) ??
      find((member) => member.project === null);
    if (ready !== undefined) return ready;
    if (members.size < options.mostProcesses) return start();
    const shared = find((member) => ours(member) && serves(member, owner));
    if (shared !== undefined) return shared;
    const foreign = find((member) => !ours(member) && idle(member));
    if (foreign !== undefined) {
      end(foreign, 'Another project needs the room.');
      return start();
    }
    return find(ours) ?? start();
  };

  const occupy = (member: Member, owner: CellOwner): number => {
    if (member.idleSince !== null) clearTimeout(member.idleSince);
    member.idleSince = null;
    member.project = owner.project;
    const known = [...member.cells].find(([, cell]) => cell.owner === owner && !cell.busy);
    if (known !== undefined) {
      known[1].busy = true;
      return known[0];
    }
    member.process.loadSatellite(owner.satellite);
    const cell = member.process.openCell(owner.cellOptions);
    member.cells.set(cell, { owner, busy: true });
    return cell;
  };

  const release = (member: Member, cell: number, again: boolean): void => {
    const found = member.cells.get(cell);
    if (found !== undefined && again) found.busy = false;
    else member.cells.delete(cell);
    rest(member);
  };

  return {
    async take(owner) {
      const member = await placeFor(owner);
      const cell = occupy(member, owner);
      try {
        await member.process.ready;
      } catch (cause) {
        release(member, cell, false);
        throw cause;
      }
      return { process: member.process, cell, release: (again) => release(member, cell, again) };
    },

    leave(owner) {
      for (const member of members) {
        for (const [cell, { owner: its, busy }] of member.cells) {
          if (its !== owner || busy) continue;
          member.cells.delete(cell);
          member.process.closeCell(cell);
        }
        rest(member);
      }
    },

    async warmUp() {
      const member = [...members].find(({ process }) => process.alive()) ?? (await start());
      await member.process.ready;
      rest(member);
    },

    size: () => members.size,

    async close() {
      closed = true;
      const all = [...members];
      for (const member of all) end(member, 'The runtime was closed.');
      await Promise.all(all.map(({ process }) => process.ended));
      options.watch.close();
    },
  };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
