import type { NetworkRules } from '../network/network-rules.ts';
import { refused } from '../link/ask-failure.ts';
import type { FetchAsk, FetchHead } from './fetch-asks.ts';
import { fetchUnderRules, networkFailure } from './fetch-asks.ts';
import type { Upload } from '../link/upload.ts';
import { createUpload } from '../link/upload.ts';

/** The requests of one cell to the network. */
export interface CellNetwork {
  /** @param id chosen by the guest: names the request while it is under way, and its response afterwards */
  fetch(id: number, ask: FetchAsk, bytes: ArrayBuffer | undefined): Promise<FetchHead>;
  write(id: number, bytes: ArrayBuffer): Promise<null>;
  endWrite(id: number): null;
  /** The next bytes of a body; nothing: it has ended. */
  pull(id: number): Promise<Uint8Array | null>;
  abort(id: number): null;
  close(): void;
}

interface Exchange {
  readonly abort: AbortController;
  readonly upload: Upload | null;
  readonly url: string;
  body: AsyncIterator<Uint8Array> | null;
  read: number;
}

const mostExchanges = 1_000;

export function openCellNetwork(rules: NetworkRules): CellNetwork {
  const exchanges = new Map<number, Exchange>();

  const exchangeOf = (id: number): Exchange => {
    const found = exchanges.get(id);
    if (found === undefined) throw refused('The response is closed.', 'network-failed');
    return found;
  };

  const drop = (id: number): void => {
    const exchange = exchanges.get(id);
    exchanges.delete(id);
    exchange?.upload?.fail();
    exchange?.abort.abort();
  };

  return {
    async fetch(id, ask, bytes) {
      if (exchanges.size >= mostExchanges) throw refused(`More than ${mostExchanges} requests are open.`, 'network-failed');
      const upload = ask.body === 'stream' ? createUpload() : null;
      const exchange: Exchange = { abort: new AbortController(), upload, url: ask.url, body: null, read: 0 };
      exchanges.set(id, exchange);
      try {
        const body = upload?.content ?? (bytes === undefined ? null : new Uint8Array(bytes));
        const { response, url, redirected } = await fetchUnderRules(ask, body, rules, exchange.abort.signal);
        exchange.body = response.body?.[Symbol.asyncIterator]() ?? null;
        if (exchange.body === null) exchanges.delete(id);
        const { status, statusText } = response;
        return { response: id, status, statusText, headers: [...response.headers], url, redirected, hasBody: exchange.body !== null };
      } catch (cause) {
        drop(id);
        throw cause;
      }
    },

    async write(id, bytes) {
      await exchangeOf(id).upload?.write(new Uint8Array(bytes));
      return null;
    },

    endWrite(id) {
      exchanges.get(id)?.upload?.end();
      return null;
    },

    async pull(id) {
      const exchange = exchangeOf(id);
      try {
        const next = await exchange.body?.next();
        if (next === undefined || next.done === true) {
          exchanges.delete(id);
          return null;
        }
        exchange.read += next.value.byteLength;
        if (exchange.read > rules.mostResponseBytes) {
          throw refused(`The response is longer than ${rules.mostResponseBytes} bytes.`, 'response-too-large');
        }
        return next.value;
      } catch (cause) {
        drop(id);
        throw networkFailure(cause, exchange.url);
      }
    },

    abort(id) {
      drop(id);
      return null;
    },

    close() {
      for (const id of [...exchanges.keys()]) drop(id);
    },
  };
}
