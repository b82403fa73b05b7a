import type { NetworkRules } from '@exosphere/egress';
import { refused } from '../link/ask-failure.ts';
import type { Upload } from '../link/upload.ts';
import { createUpload } from '../link/upload.ts';
import type { FetchAsk, FetchHead } from './fetch-asks.ts';
import { fetchUnderRules, networkFailure } from './fetch-asks.ts';

interface Exchange {
  readonly abort: AbortController;
  readonly upload: Upload | null;
  readonly url: string;
  body: AsyncIterator<Uint8Array> | null;
  read: number;
}

const mostExchanges = 1_000;

/** The requests of one cell to the network. Each has an id that the guest chose: of the request, and of its response afterwards. */
export class CellNetwork {
  readonly #rules: NetworkRules;
  readonly #exchanges = new Map<number, Exchange>();

  constructor(rules: NetworkRules) {
    this.#rules = rules;
  }

  async fetch(id: number, ask: FetchAsk, bytes: ArrayBuffer | undefined): Promise<FetchHead> {
    if (this.#exchanges.size >= mostExchanges) throw refused(`More than ${mostExchanges} requests are open.`, { code: 'network-failed' });
    const upload = ask.body === 'stream' ? createUpload() : null;
    const exchange: Exchange = { abort: new AbortController(), upload, url: ask.url, body: null, read: 0 };
    this.#exchanges.set(id, exchange);
    try {
      const body = upload?.content ?? (bytes === undefined ? null : new Uint8Array(bytes));
      const { response, url, redirected } = await fetchUnderRules(ask, body, this.#rules, exchange.abort.signal);
      exchange.body = response.body?.[Symbol.asyncIterator]() ?? null;
      if (exchange.body === null) this.#exchanges.delete(id);
      const { status, statusText } = response;
      return { response: id, status, statusText, headers: [...response.headers], url, redirected, hasBody: exchange.body !== null };
    } catch (cause) {
      this.abort(id);
      throw cause;
    }
  }

  async write(id: number, bytes: ArrayBuffer): Promise<null> {
    await this.#exchangeOf(id).upload?.write(new Uint8Array(bytes));
    return null;
  }

  endWrite(id: number): null {
    this.#exchanges.get(id)?.upload?.end();
    return null;
  }

  /** The next bytes of a body; null: it has ended. */
  async pull(id: number): Promise<Uint8Array | null> {
    const exchange = this.#exchangeOf(id);
    try {
      const next = await exchange.body?.next();
      if (next === undefined || next.done === true) {
        this.#exchanges.delete(id);
        return null;
      }
      exchange.read += next.value.byteLength;
      if (exchange.read <= this.#rules.mostResponseBytes) return next.value;
      throw refused(`The response is longer than ${this.#rules.mostResponseBytes} bytes.`, { code: 'response-too-large' });
    } catch (cause) {
      this.abort(id);
      throw networkFailure(cause, exchange.url);
    }
  }

  abort(id: number): null {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    exchange?.upload?.fail();
    exchange?.abort.abort();
    return null;
  }

  close(): void {
    for (const id of [...this.#exchanges.keys()]) this.abort(id);
  }

  #exchangeOf(id: number): Exchange {
    const found = this.#exchanges.get(id);
    if (found === undefined) throw refused('The response is closed.', { code: 'network-failed' });
    return found;
  }
}
