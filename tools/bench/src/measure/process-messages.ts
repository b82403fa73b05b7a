import type { Measures, Place } from './contender.ts';

/** What the parent tells a contender's process. One thing at a time: each is answered before the next. */
export type Order =
  | { readonly kind: 'open'; readonly workload: string; readonly contender: string; readonly place: Place }
  | { readonly kind: 'measure' }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'measured'; readonly measures: Measures }
  | { readonly kind: 'failed'; readonly message: string };
