import type { JsonObject } from '@exosphere/model';
import type { Position } from '../read/positions.ts';

/** What lets an unchanged cluster run elsewhere (spec 4.4). Plain data. */
export interface Environment {
  /** By name. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** By service (`s3`, `server`) or by the beginning of an address (`https://api.aikin.com`): the address to use in its place. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** By `satellite/project/name`, or the path of a local package. */
  readonly satellites: Readonly<Record<string, Substitution>>;
}

/** Where the value of a secret comes from. */
export type SecretSource =
  | { readonly kind: 'variable'; readonly name: string }
  /** A path, relative to the environment file. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'literal'; readonly value: string };

/** A satellite that stands for another one. */
export interface Substitution {
  readonly uses: string;
  /** Keys that are set in place of, or beside, those that a step gives. */
  readonly config: JsonObject;
  /** In place of the input that a step gives; null: the step's. */
  readonly input: JsonObject | null;
  /** Where the file says so, for diagnostics. */
  readonly place: Position;
}
