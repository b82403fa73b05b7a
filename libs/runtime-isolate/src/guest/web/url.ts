import { compute } from '../host-link.ts';
import { textOf } from './text-of.ts';
import { GuestUrlSearchParams } from './url-search-params.ts';

type Part = 'protocol' | 'username' | 'password' | 'host' | 'hostname' | 'port' | 'pathname' | 'search' | 'hash';
type Parts = Readonly<Record<Part | 'href' | 'origin', string>>;

function parse(url: string, base: string | null): Parts | null {
  const text = compute('url-parse', JSON.stringify([url, base]));
  return typeof text !== 'string' || text.startsWith('!') ? null : (JSON.parse(text) as Parts); // written by the host
}

/** URL, parsed by the host: its parser knows international host names. */
export class GuestUrl {
  #parts: Parts;
  #searchParams: GuestUrlSearchParams | null = null;

  constructor(url: unknown, base?: unknown) {
    const parts = parse(textOf(url), base === undefined ? null : textOf(base));
    if (parts === null) throw new TypeError('Invalid URL');
    this.#parts = parts;
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return parse(textOf(url), base === undefined ? null : textOf(base)) !== null;
  }

  static parse(url: unknown, base?: unknown): GuestUrl | null {
    return GuestUrl.canParse(url, base) ? new GuestUrl(url, base) : null;
  }

  #set(part: Part, value: string): void {
    const text = compute('url-set', JSON.stringify([this.#parts.href, part, textOf(value)]));
    if (typeof text === 'string' && !text.startsWith('!')) this.#parts = JSON.parse(text) as Parts; // written by the host
  }

  get href(): string {
    return this.#parts.href;
  }

  set href(value: string) {
    const parts = parse(textOf(value), null);
    if (parts === null) throw new TypeError('Invalid URL');
    this.#parts = parts;
    this.#searchParams = null;
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get protocol(): string {
    return this.#parts.protocol;
  }

  set protocol(value: string) {
    this.#set('protocol', value);
  }

  get username(): string {
    return this.#parts.username;
  }

  set username(value: string) {
    this.#set('username', value);
  }

  get password(): string {
    return this.#parts.password;
  }

  set password(value: string) {
    this.#set('password', value);
  }

  get host(): string {
    return this.#parts.host;
  }

  set host(value: string) {
    this.#set('host', value);
  }

  get hostname(): string {
    return this.#parts.hostname;
  }

  set hostname(value: string) {
    this.#set('hostname', value);
  }

  get port(): string {
    return this.#parts.port;
  }

  set port(value: string) {
    this.#set('port', value);
  }

  get pathname(): string {
    return this.#parts.pathname;
  }

  set pathname(value: string) {
    this.#set('pathname', value);
  }

  get search(): string {
    return this.#parts.search;
  }

  set search(value: string) {
    this.#set('search', value);
    this.#searchParams = null;
  }

  get hash(): string {
    return this.#parts.hash;
  }

  set hash(value: string) {
    this.#set('hash', value);
  }

  get searchParams(): GuestUrlSearchParams {
    this.#searchParams ??= new GuestUrlSearchParams(this.search, (text) => this.#set('search', text));
    return this.#searchParams;
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }
}
