import type { Json } from '@exosphere/model';
import type { Member } from '@exosphere/run-machine';

/**
 * An execution that a worker holds. It is made from a member of a shard, or follows one that ended here.
 *
 * The fields that change belong to the shard's work alone, which runs in one process, one step at a time.
 */
export interface Item extends Member {
  /** The object that it is for, once it is known here; `undefined`: to be loaded. */
  object: Json | undefined;
  /** When it was made, ms since 1970; `undefined`: to be loaded. */
  made: number | undefined;
  /** When its running attempt began; null: none runs. */
  startedAt: number | null;
  attempts: number;
  spent: number;
  alone: boolean;
  begun: boolean;
  asked: boolean;
}

export function itemOf(member: Member, object: Json | undefined, made: number | undefined): Item {
  return { ...member, object, made, startedAt: null };
}

/** Tells items of one run apart. */
export function itemKey(item: Pick<Member, 'step' | 'path' | 'origin' | 'keyRound'>): string {
  return `${String(item.step)}|${item.path.join('.')}|${String(item.origin)}|${String(item.keyRound)}`;
}
