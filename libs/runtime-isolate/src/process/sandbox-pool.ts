import type { Buffer } from 'node:buffer';
import type { MemoryWatch } from './memory-watch.ts';
import type { CellOwner, MemberOptions } from './pool-member.ts';
import { PoolMember } from './pool-member.ts';
import type { SandboxProcess } from './sandbox-process.ts';

export type { CellOwner } from './pool-member.ts';

/** A cell that is taken for one call. */
export interface TakenCell {
  readonly process: SandboxProcess;
  readonly cell: number;
  /** @param options `again`: it lives and may serve the owner's next call */
  release(options: { readonly again: boolean }): void;
}

export interface PoolOptions extends MemberOptions {
  readonly guest: () => Promise<Buffer>;
  readonly watch: MemoryWatch;
  /** Processes beyond this number are started only for a project that has none. */
  readonly mostProcesses: number;
}

/**
 * Sandbox processes, each for one project at a time, and ended rather than given to another. A process runs calls of one owner where
 * there is room for that, so that who kills its process harms nobody else.
 */
export class SandboxPool {
  readonly #options: PoolOptions;
  readonly #members = new Set<PoolMember>();
  /** Processes that are being started: they count. */
  #starting = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How many processes live. */
  get size(): number {
    return this.#members.size;
  }

  /** Fails with `runtime-unavailable` where no process can work. */
  async take(owner: CellOwner): Promise<TakenCell> {
    const { member, cell } = await this.#occupied(owner);
    try {
      await member.process.ready;
    } catch (cause) {
      member.release(cell, { again: false });
      throw cause;
    }
    return { process: member.process, cell, release: (options) => member.release(cell, options) };
  }

  /** The owner is done: closes its idle cells. */
  leave(owner: CellOwner): void {
    for (const member of this.#members) member.leave(owner);
  }

  /** Starts a process for whoever comes first. */
  async warmUp(): Promise<void> {
    const member = this.#find(() => true) ?? (await this.#start(() => {}));
    await member.process.ready;
    member.rest();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#members];
    for (const member of all) member.end('The runtime was closed.');
    await Promise.all(all.map(({ process }) => process.ended));
    this.#options.watch.close();
  }

  /** A new process is occupied before anybody else can see it: two projects never meet in one. */
  async #occupied(owner: CellOwner): Promise<{ readonly member: PoolMember; readonly cell: number }> {
    const place = this.#placeFor(owner);
    if (place !== null) return { member: place, cell: place.occupy(owner) };
    let cell = 0;
    const member = await this.#start((started) => (cell = started.occupy(owner)));
    return { member, cell };
  }

  async #start(begin: (member: PoolMember) => void): Promise<PoolMember> {
    this.#starting += 1;
    try {
      const member = new PoolMember(this.#options, await this.#options.guest());
      begin(member);
      this.#members.add(member);
      this.#options.watch.add(member);
      void member.process.ended.then(() => this.#remove(member));
      if (this.#closed) member.end('The runtime was closed.');
      return member;
    } finally {
      this.#starting -= 1;
    }
  }

  #remove(member: PoolMember): void {
    this.#members.delete(member);
    this.#options.watch.remove(member);
    member.forget();
  }

  #find(test: (member: PoolMember) => boolean): PoolMember | undefined {
    return [...this.#members].find((member) => member.hasRoom && test(member));
  }

  /**
   * Room for one call more: best a process that nobody uses, then (null) a new one, then one that has only this owner's calls, then
   * that of an idle project, which is ended, then any of this project.
   */
  #placeFor(owner: CellOwner): PoolMember | null {
    const ours = (member: PoolMember): boolean => member.project === owner.project;
    const ready =
      this.#find((member) => ours(member) && member.hasIdleCellOf(owner) && member.servesOnly(owner)) ??
      this.#find((member) => ours(member) && member.isIdle) ??
      this.#find((member) => member.project === null && member.isIdle);
    if (ready !== undefined) return ready;
    if (this.#members.size + this.#starting < this.#options.mostProcesses) return null;
    const shared = this.#find((member) => ours(member) && member.servesOnly(owner));
    if (shared !== undefined) return shared;
    const foreign = this.#find((member) => !ours(member) && member.isIdle);
    if (foreign === undefined) return this.#find(ours) ?? null;
    foreign.end('Another project needs the room.');
    return null;
  }
}
