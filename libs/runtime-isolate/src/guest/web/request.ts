import { GuestAbortSignal } from './abort.ts';
import type { BodySource } from './body.ts';
import { bodySource, GuestBody } from './body.ts';
import type { HeadersInit } from './headers.ts';
import { GuestHeaders } from './headers.ts';

export interface RequestInit {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: unknown;
  readonly redirect?: 'follow' | 'error' | 'manual';
  readonly signal?: GuestAbortSignal | null;
}

const normal: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH']);
const never: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

function methodOf(method: unknown): string {
  const text = String(method);
  const upper = text.toUpperCase();
  if (never.has(upper) || !/^[A-Za-z-]+$/.test(text)) throw new TypeError(`The method '${text}' is not allowed.`);
  return normal.has(upper) ? upper : text;
}

export class GuestRequest extends GuestBody {
  readonly url: string;
  readonly method: string;
  readonly headers: GuestHeaders;
  readonly redirect: 'follow' | 'error' | 'manual';
  readonly signal: GuestAbortSignal;

  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof GuestRequest ? input : null;
    const method = methodOf(init.method ?? from?.method ?? 'GET');
    const source: BodySource =
      init.body === undefined && from !== null ? { content: from.takeSource(), contentType: null } : bodySource(init.body);
    if (source.content !== null && (method === 'GET' || method === 'HEAD'))
      throw new TypeError(`A request with the method ${method} has no body.`);
    super(source.content);
    this.url = from?.url ?? new URL(String(input)).href;
    this.method = method;
    this.headers = new GuestHeaders(init.headers ?? from?.headers ?? []);
    if (source.contentType !== null && !this.headers.has('content-type')) this.headers.set('content-type', source.contentType);
    this.redirect = init.redirect ?? from?.redirect ?? 'follow';
    this.signal = init.signal ?? from?.signal ?? new GuestAbortSignal();
  }

  clone(): GuestRequest {
    const { url, method, headers, redirect, signal } = this;
    return new GuestRequest(url, { method, headers, redirect, signal, body: this.splitSource() });
  }
}
