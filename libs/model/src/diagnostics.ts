import type { Json } from './json.ts';

/** One thing that is wrong, or looks wrong, in what a user wrote. All of them are reported at once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** From the list in docs/errors.md: `unknown-step`. */
  readonly code: string;
  /** What was found, what was expected, what to do. */
  readonly message: string;
  /** Path in the file below `cluster`, with identifiers in place of indexes: `satellites/store/input/n`. */
  readonly at: string;
  readonly file: string | null;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The word that is wrong. */
  readonly found?: Json;
  /** The closest valid name, or what was probably meant. */
  readonly hint?: string;
  /** For `redundant-need`: the need that implies it. */
  readonly impliedBy?: string;
}
