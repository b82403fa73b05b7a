import type { GpuNeeds } from '@exosphere/satellite-protocol';
import type { Gpu } from './gpu.ts';
import { cardsThatFit, gpusText, needsText } from './gpu.ts';

/** Cards in the hands of one container. */
export interface Holding {
  readonly holder: string;
  /** For people. */
  readonly name: string;
  readonly ids: readonly string[];
  /** Smaller: idle for longer. Null: something runs in it. */
  readonly idleSince: number | null;
  /** It was asked to leave: it gets nothing more to do. */
  readonly isLeaving: boolean;
}

/** Who wants cards, and gets them when they are there. */
export interface Waiter {
  readonly holder: string;
  readonly name: string;
  readonly needs: GpuNeeds;
}

/** The cards of a host: who has them, and who waits for them. */
export interface Cards {
  readonly gpus: readonly Gpu[];
  readonly holdings: readonly Holding[];
  /** Who waits, the first that asked first. */
  readonly queue: readonly Waiter[];
}

/** What becomes of a request for cards. It gets all that it needs, or none. */
export type Placement =
  | { readonly kind: 'placed'; readonly ids: readonly string[] }
  /** `freeable`: holders in which nothing runs, and whose cards would be enough; empty: something that runs is in the way. */
  | { readonly kind: 'wait'; readonly reason: string; readonly freeable: readonly string[] }
  /** Not on this host. */
  | { readonly kind: 'never'; readonly reason: string };

/**
 * Decides a request for cards.
 *
 * First come, first served among those that wait: who asked before has first claim on every card that it can use, free or idle, up to
 * the number it needs; only what is left goes to others. So one that needs many cards keeps what gets free until it has enough, and is
 * never overtaken by those that need few. A holder keeps its cards while something runs in it, and when it is idle until somebody has a
 * claim on them; those that are idle for longest go first. Of the cards that fit, the smallest are taken.
 */
export function placeAmong(cards: Cards, asking: Waiter): Placement {
  const fitting = smallestFirst(cardsThatFit(cards.gpus, asking.needs));
  const count = countOf(asking.needs, fitting);
  if (count === 0 || fitting.length < count) return { kind: 'never', reason: neverText(cards.gpus, asking) };
  const at = cards.queue.findIndex(({ holder }) => holder === asking.holder);
  const ahead = at === -1 ? cards.queue : cards.queue.slice(0, at);
  const supply = supplyOf(cards);
  for (const waiter of ahead) claim(supply, cards.gpus, waiter);
  const rivals = ahead.filter(({ needs }) => cardsThatFit(fitting, needs).length > 0);
  const own = cards.holdings.find(({ holder }) => holder === asking.holder);
  if (own !== undefined) {
    return isWanted(own, supply) ? { kind: 'wait', reason: givenUpText(asking, rivals), freeable: [] } : { kind: 'placed', ids: own.ids };
  }
  const free = fitting.filter(({ id }) => supply.free.has(id));
  if (free.length >= count) return { kind: 'placed', ids: inOrder(free.slice(0, count)) };
  const freeable = holdersToFree(supply, fitting, count - free.length);
  return {
    kind: 'wait',
    reason: waitText(cards.holdings, asking, { fitting, rivals }),
    freeable: freeable.map(({ holding }) => holding.holder),
  };
}

/** What can be had. It shrinks with the claims of those that asked before. */
interface Supply {
  readonly free: Set<string>;
  /** Cards that get free when the idle holders are gone that somebody else sends away, and that nobody has claimed. */
  readonly spare: Set<string>;
  /** Those that are on their way out already, then those that are idle for longest. */
  idle: readonly IdleHolding[];
}

interface IdleHolding {
  readonly holding: Holding;
  /** Cards of it that nobody has claimed. */
  readonly unclaimed: Set<string>;
}

function supplyOf({ gpus, holdings }: Cards): Supply {
  const held = new Set(holdings.flatMap(({ ids }) => ids));
  const rank = ({ isLeaving, idleSince }: Holding): number => (isLeaving ? -1 : (idleSince ?? 0));
  const idle = holdings.filter(({ idleSince }) => idleSince !== null).sort((a, b) => rank(a) - rank(b));
  return {
    free: new Set(gpus.map(({ id }) => id).filter((id) => !held.has(id))),
    spare: new Set(),
    idle: idle.map((holding) => ({ holding, unclaimed: new Set(holding.ids) })),
  };
}

function countOf({ count, deviceIds }: GpuNeeds, fitting: readonly Gpu[]): number {
  if (deviceIds !== null) return deviceIds.length;
  return count === 'all' ? fitting.length : count;
}

/** Takes what a waiter has first claim on out of the supply. */
function claim(supply: Supply, gpus: readonly Gpu[], { needs }: Waiter): void {
  const fitting = smallestFirst(cardsThatFit(gpus, needs));
  const missing = take(supply.free, fitting, countOf(needs, fitting));
  const leaving = holdersToFree(supply, fitting, missing);
  supply.idle = supply.idle.filter((one) => !leaving.includes(one));
  for (const { unclaimed } of leaving) for (const id of unclaimed) supply.spare.add(id);
  const still = take(supply.spare, fitting, missing);
  // they are not enough, so none is sent away yet, but their cards are kept for this one
  supply.idle.reduce((left, { unclaimed }) => take(unclaimed, fitting, left), still);
}

/** Takes cards that fit out of a pool. Answers with how many are still missing. */
function take(pool: Set<string>, fitting: readonly Gpu[], wanted: number): number {
  let missing = wanted;
  for (const { id } of fitting) if (missing > 0 && pool.delete(id)) missing -= 1;
  return missing;
}

/** The idle holders whose cards would be enough, those first that are idle for longest, and no more of them than it takes. */
function holdersToFree({ idle, spare }: Supply, fitting: readonly Gpu[], wanted: number): readonly IdleHolding[] {
  const within = (pool: ReadonlySet<string>): number => fitting.filter(({ id }) => pool.has(id)).length;
  const missing = wanted - within(spare);
  if (missing <= 0) return [];
  const gain = (holders: readonly IdleHolding[]): number => holders.reduce((sum, { unclaimed }) => sum + within(unclaimed), 0);
  const useful = idle.filter((one) => gain([one]) > 0);
  const last = useful.findIndex((_, place) => gain(useful.slice(0, place + 1)) >= missing);
  const enough = useful.slice(0, last + 1);
  return enough.reduceRight((chosen: readonly IdleHolding[], one) => {
    const without = chosen.filter((other) => other !== one);
    return gain(without) >= missing ? without : chosen;
  }, enough);
}

/** Whether somebody that asked before has a claim on cards of this holder. */
function isWanted({ holder, ids, idleSince, isLeaving }: Holding, { idle }: Supply): boolean {
  if (isLeaving) return true;
  if (idleSince === null) return false;
  const left = idle.find(({ holding }) => holding.holder === holder);
  return left === undefined || left.unclaimed.size < ids.length;
}

/** Large cards are left to those that need them. */
function smallestFirst(gpus: readonly Gpu[]): readonly Gpu[] {
  return [...gpus].sort((a, b) => (a.memoryBytes ?? 0) - (b.memoryBytes ?? 0) || a.index - b.index);
}

function inOrder(gpus: readonly Gpu[]): readonly string[] {
  return [...gpus].sort((a, b) => a.index - b.index).map(({ id }) => id);
}

function neverText(gpus: readonly Gpu[], { name, needs }: Waiter): string {
  return `no GPU host for ${name}; needs ${needsText(needs)}; this host has ${gpusText(gpus)}`;
}

function waitText(
  holdings: readonly Holding[],
  { needs }: Waiter,
  { fitting, rivals }: { readonly fitting: readonly Gpu[]; readonly rivals: readonly Waiter[] },
): string {
  const users = holdings.filter(({ ids }) => fitting.some(({ id }) => ids.includes(id)));
  const parts = [
    ...(users.length === 0 ? [] : [`is in use by ${namesOf(users)}`]),
    ...(rivals.length === 0 ? [] : [`goes first to ${namesOf(rivals)}, which asked before`]),
  ];
  return `waits for a GPU: ${needsText(needs)} ${parts.join(' and ')}`;
}

function givenUpText({ needs }: Waiter, rivals: readonly Waiter[]): string {
  const first = rivals.length === 0 ? 'another that asked before' : `${namesOf(rivals)}, which asked before`;
  return `waits for a GPU: ${needsText(needs)} goes first to ${first}`;
}

function namesOf(list: readonly { readonly name: string }[]): string {
  const names = [...new Set(list.map(({ name }) => name))];
  const shown = names.length > 3 ? [...names.slice(0, 3), `${String(names.length - 3)} more`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}
