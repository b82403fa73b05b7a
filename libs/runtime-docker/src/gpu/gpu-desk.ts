import { ExosphereError } from '@exosphere/model';
import type { GpuNeeds } from '@exosphere/satellite-protocol';
import type { Engine, ListedContainer } from '../engine/engine.ts';
import type { Owner } from '../sweep/owner.ts';
import { ownerLabel } from '../sweep/sweep.ts';
import type { GpuBook, HeldElsewhere } from './gpu-book.ts';

/** The label that names the cards of a container. */
export const gpusLabel = 'exosphere.gpus';

/** Who wants cards, and how it is sent away while it is idle. */
export interface GpuHolder {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Stops what has the cards; settles when they are free. */
  readonly stop: () => Promise<void>;
}

/** Gives cards to those that open a satellite, and sends idle holders away for those that wait. */
export class GpuDesk {
  readonly #book: GpuBook;
  readonly #engine: Engine;
  readonly #owner: Owner;
  readonly #users = new Map<string, number>();
  readonly #holders = new Map<string, GpuHolder>();

  constructor(book: GpuBook, engine: Engine, owner: Owner) {
    this.#book = book;
    this.#engine = engine;
    this.#owner = owner;
  }

  /**
   * Takes the cards that a holder needs, or shares those that it has.
   *
   * @throws ExosphereError `runtime-unavailable`, retryable, with the reason for which it has to wait
   */
  async enter(needs: GpuNeeds, holder: GpuHolder): Promise<readonly string[]> {
    const containers = await this.#look(holder.id);
    // what a dead worker left under this name is adopted, with the cards that it has
    const left = containers.find(({ name }) => name === holder.id);
    let placement = this.#book.place(left === undefined ? needs : { ...needs, deviceIds: cardsOf(left) }, holder.id, holder.name);
    if (placement.kind === 'wait' && placement.freeable.length > 0) {
      await Promise.all(placement.freeable.map((id) => this.#sendAway(id)));
      await this.#look(holder.id); // a server that another worker shares is still there
      placement = this.#book.place(needs, holder.id, holder.name);
    }
    if (placement.kind !== 'placed') throw new ExosphereError('runtime-unavailable', placement.reason, { retryable: true });
    this.#holders.set(holder.id, holder);
    this.#users.set(holder.id, (this.#users.get(holder.id) ?? 0) + 1);
    return placement.ids;
  }

  /** What has the cards is being started, for whoever waits for it: it keeps them as one more of its users, who leaves when it is ready. */
  hold(id: string): void {
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
  }

  /** One of its users is done. It keeps its cards, until somebody else needs them. */
  leave(id: string): void {
    const left = (this.#users.get(id) ?? 1) - 1;
    this.#users.set(id, left);
    if (left === 0) this.#book.idle(id);
  }

  /** What had the cards is gone. */
  gone(id: string): void {
    if ((this.#users.get(id) ?? 0) > 0) return; // it is started again for those that use it
    this.#users.delete(id);
    this.#holders.delete(id);
    this.#book.release(id);
  }

  async #sendAway(id: string): Promise<void> {
    await this.#holders.get(id)?.stop();
    this.gone(id);
  }

  /** Has the book know what others have. Answers with the containers that have cards. */
  async #look(holder: string): Promise<readonly ListedContainer[]> {
    const containers = (await this.#engine.list(gpusLabel)).filter(({ state }) => state === 'running');
    this.#book.heldElsewhere(this.#heldElsewhere(containers, holder));
    return containers;
  }

  #heldElsewhere(containers: readonly ListedContainer[], holder: string): readonly HeldElsewhere[] {
    return containers
      .filter((container) => container.name !== holder && !this.#isOwn(container))
      .map((container) => ({ name: container.name, ids: cardsOf(container) }));
  }

  /** A server that was started here and is used only by another worker now is not. */
  #isOwn({ name, labels }: ListedContainer): boolean {
    const isOurs = this.#owner.standing(labels[ownerLabel] ?? '') === 'ours';
    return isOurs && (labels['exosphere.kind'] !== 'server' || this.#holders.has(name));
  }
}

function cardsOf({ labels }: ListedContainer): readonly string[] {
  return (labels[gpusLabel] ?? '').split(',');
}
