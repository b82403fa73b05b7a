import { openForwarder } from './forwarder.ts';
import { NetworkFailure } from './network-failure.ts';
import { useProxy } from './proxy-settings.ts';
import type { Refusals } from './refusals.ts';
import type { Rewrite } from './rewrites.ts';
import { rewritesOf, rewritten } from './rewrites.ts';

/** What the worker says of the network. */
export interface NetworkSetting {
  /** The unix socket of its proxy; null: there is no network. */
  readonly egress: string | null;
  readonly endpoints: Readonly<Record<string, string>>;
}

let rewrites: readonly Rewrite[] = [];
let refusals: Refusals | null = null;
let isClosed = false;
const nodeFetch = globalThis.fetch;

/** Puts `fetch` under the environment's rewrites. What does not get through is told as in an isolate. */
export function takeFetch(): void {
  globalThis.fetch = guardedFetch;
}

/** Opens the way to the network, as far as there is one. */
export async function openNetwork({ egress, endpoints }: NetworkSetting): Promise<void> {
  rewrites = rewritesOf(endpoints);
  isClosed = egress === null;
  if (egress === null) return;
  const forwarder = await openForwarder(egress);
  refusals = forwarder.refusals;
  useProxy(forwarder.port, endpoints);
}

async function guardedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const asked = input instanceof Request ? input.url : String(input);
  const url = URL.parse(asked);
  if (url === null) return nodeFetch(input, init);
  const href = rewritten(url.href, rewrites);
  if (isClosed && !isOwn(url)) throw new NetworkFailure('network-refused', withoutNetwork(url));
  const target = input instanceof Request ? (href === url.href ? input : new Request(href, input)) : href;
  try {
    return await nodeFetch(target, init);
  } catch (cause) {
    throw explained(cause, new URL(href));
  }
}

/** `fetch failed` says nothing: the reason is in its causes, or the proxy has told it. */
function explained(cause: unknown, url: URL): unknown {
  if (!(cause instanceof TypeError) || cause.cause === undefined) return cause; // it was aborted, or is no request at all
  const reason = innermost(cause);
  if (/^Proxy response \(\d+\)/.test(messageOf(reason))) {
    const refusal = refusals?.of(url) ?? null;
    if (refusal?.status === 403) return new NetworkFailure('network-refused', refusal.sentence, { cause });
    if (refusal !== null) return failed(url, refusal.sentence, cause);
  }
  return failed(url, messageOf(reason), cause);
}

/** A server that the satellite itself started. */
function isOwn({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function withoutNetwork({ hostname }: URL): string {
  return `'${hostname}' may not be reached: this satellite has no network. Its manifest would name the host under network.allow.`;
}

function failed({ host }: URL, why: string, cause: unknown): NetworkFailure {
  return new NetworkFailure('network-failed', `The request to ${host} failed: ${why.replace(/\.$/, '')}.`, { cause });
}

function innermost(error: Error): unknown {
  return error.cause instanceof Error ? innermost(error.cause) : (error.cause ?? error);
}

function messageOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const code = 'code' in reason && typeof reason.code === 'string' && !reason.message.includes(reason.code) ? ` (${reason.code})` : '';
  return `${reason.message === '' ? reason.name : reason.message}${code}`;
}
