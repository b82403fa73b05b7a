import type { Dispatcher, fetch as undiciFetch } from 'undici';
import type { NetworkRules } from '@exosphere/egress';
import { routeOf } from '@exosphere/egress';
import { AskFailure, refused } from '../link/ask-failure.ts';

/** What the guest's `fetch` asks for. */
export interface FetchAsk {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect: 'follow' | 'error' | 'manual';
  /** `none`, `bytes` (they come with the ask), or `stream` (they come by `fetch-write`). */
  readonly body: 'none' | 'bytes' | 'stream';
}

/** What it gets: the head of a response; its body is pulled. */
export interface FetchHead {
  readonly response: number;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly url: string;
  readonly redirected: boolean;
  readonly hasBody: boolean;
}

interface Network {
  readonly fetch: typeof undiciFetch;
  readonly guarded: Dispatcher;
  readonly named: Dispatcher;
}

let network: Promise<Network> | null = null;

/** Loaded at the first request: a satellite that asks nothing of the network does not wait for it. */
async function loadNetwork(): Promise<Network> {
  network ??= Promise.all([import('undici'), import('@exosphere/egress/agent')]).then(([{ fetch }, { guardedAgent, namedAgent }]) => ({
    fetch,
    guarded: guardedAgent(),
    named: namedAgent(),
  }));
  return network;
}

const mostRedirects = 20;
const withoutBody: ReadonlySet<number> = new Set([301, 302, 303]);
const credentials: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'host']);

/** The request that follows a redirect: rules of the fetch standard, so that credentials never reach another origin. */
function redirected(ask: FetchAsk, status: number, target: URL): FetchAsk {
  const dropsBody = status === 303 ? ask.method !== 'HEAD' : withoutBody.has(status) && ask.method === 'POST';
  const leavesOrigin = target.origin !== new URL(ask.url).origin;
  const headers = ask.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !(leavesOrigin && credentials.has(lower)) && !(dropsBody && lower.startsWith('content-'));
  });
  return { ...ask, url: target.href, headers, ...(dropsBody ? { method: 'GET', body: 'none' as const } : {}) };
}

type Body = Uint8Array | AsyncIterable<Uint8Array> | null;
type Response = Awaited<ReturnType<Network['fetch']>>;

async function once(ask: FetchAsk, body: Body, rules: NetworkRules, signal: AbortSignal): Promise<Response> {
  const route = routeOf(ask.url, rules);
  if (route.kind === 'refused') throw refused(route.message);
  const { fetch, guarded, named } = await loadNetwork();
  try {
    return await fetch(route.url, {
      method: ask.method,
      headers: ask.headers.map(([name, value]) => [name, value]),
      redirect: 'manual',
      signal,
      dispatcher: route.named ? named : guarded,
      ...(ask.body === 'none' || body === null ? {} : { body, duplex: 'half' as const }),
    });
  } catch (cause) {
    throw networkFailure(cause, ask.url);
  }
}

/** Says why, without what only this process should know. */
export function networkFailure(cause: unknown, url: string): unknown {
  if (cause instanceof AskFailure) return cause;
  const reason: unknown = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  if (codeOf(reason) === 'network-refused' && reason instanceof Error) return refused(reason.message);
  if (reason instanceof Error && reason.name === 'AbortError') {
    return new AskFailure({ name: 'AbortError', message: 'This operation was aborted.', code: 'aborted', retryable: true }, { cause });
  }
  const why =
    reason instanceof Error ? `${reason.message}${codeOf(reason) === null ? '' : ` (${String(codeOf(reason))})`}` : 'unknown reason';
  const host = URL.canParse(url) ? new URL(url).host : 'the server';
  return new AskFailure(
    { name: 'TypeError', message: `The request to ${host} failed: ${why}.`, code: 'network-failed', retryable: true },
    { cause },
  );
}

function codeOf(reason: unknown): unknown {
  return typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : null;
}

/** Sends a request where the rules allow it, and follows redirects, each one looked at like the first request. */
export async function fetchUnderRules(
  ask: FetchAsk,
  body: Body,
  rules: NetworkRules,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly url: string; readonly redirected: boolean }> {
  let next = ask;
  for (let count = 0; count <= mostRedirects; count += 1) {
    const response = await once(next, next.body === 'none' ? null : body, rules, signal);
    const location = response.headers.get('location');
    if (ask.redirect === 'manual' || ![301, 302, 303, 307, 308].includes(response.status) || location === null) {
      return { response, url: next.url, redirected: count > 0 };
    }
    await response.body?.cancel();
    if (ask.redirect === 'error')
      throw refused('The server answered with a redirect, and the request asked for none.', { code: 'network-failed' });
    const target = URL.parse(location, next.url);
    if (target === null) throw refused('The server answered with a redirect to something that is no URL.', { code: 'network-failed' });
    next = redirected(next, response.status, target);
    if (next.body === 'stream') throw refused('A streamed body cannot be sent again for a redirect.', { code: 'network-failed' });
  }
  throw refused(`The server redirected more than ${mostRedirects} times.`, { code: 'network-failed' });
}
