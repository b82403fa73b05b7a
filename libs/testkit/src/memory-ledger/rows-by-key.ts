import type { Path } from '@exosphere/model';

/** The key of an execution (and of its list, its gate, its attempts) within a run. */
export interface RowKey {
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
}

interface Entry<T> {
  readonly key: RowKey;
  readonly row: T;
}

type Place = Pick<RowKey, 'path' | 'origin'>;

/** Rows of one run by their keys: as maps of step, of path and origin, and of key round. */
export class RowsByKey<T> {
  readonly #steps = new Map<number, Map<string, Map<number, Entry<T>>>>();

  get(key: RowKey): T | undefined {
    return this.#steps.get(key.step)?.get(placeOf(key))?.get(key.keyRound)?.row;
  }

  /** Of this key round, or (null) of the highest there is. */
  find(key: Omit<RowKey, 'keyRound'> & { readonly keyRound: number | null }): T | undefined {
    const rounds = this.#steps.get(key.step)?.get(placeOf(key));
    if (rounds === undefined || rounds.size === 0) return undefined;
    return rounds.get(key.keyRound ?? Math.max(...rounds.keys()))?.row;
  }

  set(key: RowKey, row: T): void {
    const places = entryOf(this.#steps, key.step, () => new Map<string, Map<number, Entry<T>>>());
    entryOf(places, placeOf(key), () => new Map<number, Entry<T>>()).set(key.keyRound, { key, row });
  }

  delete(key: RowKey): void {
    this.#steps.get(key.step)?.get(placeOf(key))?.delete(key.keyRound);
  }

  /** Of one step, or of all; in the order of their keys. */
  rows(step?: number): readonly T[] {
    const places = step === undefined ? [...this.#steps.values()] : [this.#steps.get(step) ?? new Map<string, Map<number, Entry<T>>>()];
    const entries = places.flatMap((place) => [...place.values()].flatMap((rounds) => [...rounds.values()]));
    return entries.sort((a, b) => compareKeys(a.key, b.key)).map((entry) => entry.row);
  }
}

function placeOf({ path, origin }: Place): string {
  return `${path.join('.')}|${origin}`;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

export function compareKeys(a: RowKey, b: RowKey): number {
  return a.step - b.step || comparePaths(a.path, b.path) || a.origin - b.origin || a.keyRound - b.keyRound;
}

/** Item order: element by element, a prefix first. */
export function comparePaths(a: Path, b: Path): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether a path is a scope, or below it. */
export function isWithin(path: Path, scope: Path): boolean {
  return scope.every((index, i) => path[i] === index);
}
