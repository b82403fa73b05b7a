import type { Buffer } from 'node:buffer';
import type { CellOptions } from '../link/messages.ts';
import type { Watched } from './memory-watch.ts';
import { residentBytes } from './resident-memory.ts';
import { SandboxProcess } from './sandbox-process.ts';
import type { StartOptions } from './start-process.ts';

/** What a cell is wanted for: one open satellite of one run and step. Owners are told apart by identity. */
export interface CellOwner {
  readonly project: string;
  readonly satellite: { readonly digest: string; readonly bundle: string; readonly memoryMiB: number };
  readonly cellOptions: CellOptions;
}

export interface MemberOptions extends StartOptions {
  readonly mostCellsPerProcess: number;
  /** Memory of a process without its cells. */
  readonly baseBytes: number;
  /** Most memory of a process, whatever its cells may have. */
  readonly mostBytes: number;
  readonly idleMs: number;
}

interface Cell {
  readonly owner: CellOwner;
  busy: boolean;
}

/** A process of the pool: the cells in it, who uses them, and how much memory that makes. */
export class PoolMember implements Watched {
  readonly process: SandboxProcess;
  readonly #options: MemberOptions;
  readonly #cells = new Map<number, Cell>();
  #project: string | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: MemberOptions, guest: Buffer) {
    this.#options = options;
    this.process = new SandboxProcess(options, guest);
  }

  get pid(): number {
    return this.process.pid;
  }

  /** Null: it has not served any project yet. */
  get project(): string | null {
    return this.#project;
  }

  get isIdle(): boolean {
    return ![...this.#cells.values()].some(({ busy }) => busy);
  }

  get hasRoom(): boolean {
    return this.process.alive && this.#cells.size < this.#options.mostCellsPerProcess;
  }

  hasIdleCellOf(owner: CellOwner): boolean {
    return [...this.#cells.values()].some((cell) => cell.owner === owner && !cell.busy);
  }

  /** Whether nobody but this owner has calls in it. */
  servesOnly(owner: CellOwner): boolean {
    return [...this.#cells.values()].every((cell) => !cell.busy || cell.owner === owner);
  }

  mostBytes(): number | null {
    if (this.isIdle) return null;
    return Math.min(this.#bytesOfCells(2), this.#options.mostBytes);
  }

  #bytesOfCells(times: number): number {
    let bytes = this.#options.baseBytes;
    for (const { owner } of this.#cells.values()) bytes += times * owner.satellite.memoryMiB * 2 ** 20;
    return bytes;
  }

  exceeded(found: number, most: number): void {
    const message = `The sandbox process held ${mebibytes(found)} of memory; ${mebibytes(most)} are allowed.`;
    this.process.kill({ reason: 'memory', message });
  }

  /** Takes a cell for one call: one that the owner left, or a new one. */
  occupy(owner: CellOwner): number {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#project = owner.project;
    for (const [cell, known] of this.#cells) {
      if (known.owner !== owner || known.busy) continue;
      known.busy = true;
      return cell;
    }
    this.process.loadSatellite(owner.satellite);
    const cell = this.process.openCell(owner.cellOptions);
    this.#cells.set(cell, { owner, busy: true });
    return cell;
  }

  /** @param again whether the cell lives and may serve its owner's next call */
  release(cell: number, { again }: { readonly again: boolean }): void {
    const known = this.#cells.get(cell);
    if (known !== undefined && again) known.busy = false;
    else this.#cells.delete(cell);
    this.rest();
  }

  /** Closes the cells that an owner has left. */
  leave(owner: CellOwner): void {
    for (const [cell, known] of this.#cells) {
      if (known.owner !== owner || known.busy) continue;
      this.#cells.delete(cell);
      this.process.closeCell(cell);
    }
    this.rest();
  }

  /**
   * An idle process ends after a while. It ends at once where it still holds the memory of work that is over: the next one would be
   * blamed for it.
   */
  rest(): void {
    if (!this.isIdle || !this.process.alive) return;
    if ((residentBytes(this.pid) ?? 0) > this.#bytesOfCells(1)) this.end('The process still held the memory of work that is over.');
    if (this.#idle !== null) return;
    this.#idle = setTimeout(() => this.end('The process was idle.'), this.#options.idleMs).unref();
  }

  end(message: string): void {
    this.process.kill({ reason: 'cancelled', message });
  }

  /** It is over: no timer may be left. */
  forget(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
