export type { Check, Counts, Outcome, Result } from './outcome.ts';
