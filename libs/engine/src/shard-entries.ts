import type { Json, LogRecord } from '@exosphere/model';
import type { AttemptRow } from '@exosphere/ports';
import type { Item } from './item.ts';
import type { Outcome } from './outcome.ts';

/** Something that happened to a shard and is not recorded yet. */
export type Entry =
  | {
      readonly kind: 'ended';
      readonly item: Item;
      readonly outcome: Outcome;
      /** JSON texts of the objects. */ readonly texts: readonly string[];
    }
  /** Nothing is recorded of it. */
  | { readonly kind: 'passed-over'; readonly item: Item }
  /** An attempt failed, the next is at `dueAt`. */
  | { readonly kind: 'again'; readonly item: Item; readonly attempt: AttemptRow; readonly dueAt: number }
  /** A part of a streamed list. */
  | {
      readonly kind: 'streamed';
      readonly item: Item;
      readonly from: number;
      readonly objects: readonly Json[];
      readonly texts: readonly string[];
      readonly recorded: () => void;
    }
  /** It is not its turn yet (rate limit): put off. */
  | { readonly kind: 'put-off'; readonly item: Item; readonly dueAt: number }
  | { readonly kind: 'logs'; readonly records: readonly LogRecord[] };
