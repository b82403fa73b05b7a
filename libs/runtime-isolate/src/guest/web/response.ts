import { bodySource, GuestBody } from './body.ts';
import type { HeadersInit } from './headers.ts';
import { GuestHeaders } from './headers.ts';

export interface ResponseInit {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: HeadersInit;
}

/** What only `fetch` knows of a response. */
export interface ResponseOrigin {
  readonly url: string;
  readonly redirected: boolean;
}

export class GuestResponse extends GuestBody {
  readonly status: number;
  readonly statusText: string;
  readonly headers: GuestHeaders;
  readonly type = 'default';
  readonly #origin: ResponseOrigin;

  constructor(body: unknown = null, init: ResponseInit = {}, origin: ResponseOrigin = { url: '', redirected: false }) {
    const source = bodySource(body);
    super(source.content);
    this.status = init.status ?? 200;
    if (!Number.isInteger(this.status) || this.status < 200 || this.status > 599)
      throw new RangeError(`${this.status} is no status of a response.`);
    this.statusText = init.statusText ?? '';
    this.headers = new GuestHeaders(init.headers ?? []);
    if (source.contentType !== null && !this.headers.has('content-type')) this.headers.set('content-type', source.contentType);
    this.#origin = origin;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get url(): string {
    return this.#origin.url;
  }

  get redirected(): boolean {
    return this.#origin.redirected;
  }

  clone(): GuestResponse {
    const { status, statusText, headers } = this;
    return new GuestResponse(this.splitSource(), { status, statusText, headers }, this.#origin);
  }

  static json(data: unknown, init: ResponseInit = {}): GuestResponse {
    const headers = new GuestHeaders(init.headers ?? []);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new GuestResponse(JSON.stringify(data), { ...init, headers });
  }
}
