const nameForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export type HeadersInit = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

function nameOf(name: unknown): string {
  const text = String(name);
  if (!nameForm.test(text)) throw new TypeError(`'${text}' is no name of a header.`);
  return text.toLowerCase();
}

function valueOf(value: unknown): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  if (/[\0\n\r]/.test(text) || /[^\0-\xff]/.test(text)) throw new TypeError('The value of a header holds characters that it may not hold.');
  return text;
}

export class GuestHeaders {
  readonly #values = new Map<string, string[]>();

  constructor(init: HeadersInit = []) {
    const pairs = Symbol.iterator in init ? init : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = nameOf(name);
    this.#values.set(key, [...(this.#values.get(key) ?? []), valueOf(value)]);
  }

  set(name: string, value: string): void {
    this.#values.set(nameOf(name), [valueOf(value)]);
  }

  delete(name: string): void {
    this.#values.delete(nameOf(name));
  }

  get(name: string): string | null {
    return this.#values.get(nameOf(name))?.join(', ') ?? null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  has(name: string): boolean {
    return this.#values.has(nameOf(name));
  }

  forEach(use: (value: string, name: string, headers: GuestHeaders) => void): void {
    for (const [name, value] of this) use(value, name, this);
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name) ?? [];
      if (name === 'set-cookie') for (const value of values) yield [name, value];
      else yield [name, values.join(', ')];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}
