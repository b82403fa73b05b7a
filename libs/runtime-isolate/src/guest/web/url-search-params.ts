import { textOf } from './text-of.ts';

const kept = /[A-Za-z0-9*\-._]/;

function encoded(text: string): string {
  let out = '';
  for (const byte of new TextEncoder().encode(text.toWellFormed())) {
    const character = String.fromCharCode(byte);
    if (byte === 0x20) out += '+';
    else out += byte < 0x80 && kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  const bytes: number[] = [];
  const source = new TextEncoder().encode(spaced);
  for (let index = 0; index < source.length; index += 1) {
    const hex = source[index] === 0x25 ? String.fromCharCode(source[index + 1] ?? 0, source[index + 2] ?? 0) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else bytes.push(source[index] ?? 0);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function parsed(query: string): [string, string][] {
  return query
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [decoded(pair), ''] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    });
}

type Init = string | Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

function pairsOf(init: Init): [string, string][] {
  if (typeof init === 'string') return parsed(init);
  const pairs = Symbol.iterator in init ? [...init] : Object.entries(init);
  return pairs.map(([name, value]) => [textOf(name), textOf(value)]);
}

export class GuestUrlSearchParams {
  #pairs: [string, string][];
  readonly #changed: (text: string) => void;

  /** @param changed how a URL hears of changes to its parameters */
  constructor(init: Init = '', changed: (text: string) => void = () => {}) {
    this.#pairs = pairsOf(init);
    this.#changed = changed;
  }

  get size(): number {
    return this.#pairs.length;
  }

  #change(pairs: [string, string][]): void {
    this.#pairs = pairs;
    this.#changed(this.toString());
  }

  append(name: string, value: string): void {
    this.#change([...this.#pairs, [textOf(name), textOf(value)]]);
  }

  delete(name: string, value?: string): void {
    this.#change(this.#pairs.filter(([known, its]) => known !== name || (value !== undefined && its !== value)));
  }

  get(name: string): string | null {
    return this.#pairs.find(([known]) => known === name)?.[1] ?? null;
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(([known]) => known === name).map(([, value]) => value);
  }

  has(name: string, value?: string): boolean {
    return this.#pairs.some(([known, its]) => known === name && (value === undefined || its === value));
  }

  set(name: string, value: string): void {
    const first = this.#pairs.findIndex(([known]) => known === name);
    const others = this.#pairs.filter(([known], index) => known !== name || index === first);
    const at = others.findIndex(([known]) => known === name);
    if (at === -1) others.push([textOf(name), textOf(value)]);
    else others[at] = [textOf(name), textOf(value)];
    this.#change(others);
  }

  sort(): void {
    this.#change([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
  }

  forEach(use: (value: string, name: string, params: GuestUrlSearchParams) => void): void {
    for (const [name, value] of this.#pairs) use(value, name, this);
  }

  *entries(): IterableIterator<[string, string]> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#pairs) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  }
}
