import type { IncomingHttpHeaders } from 'node:http';

/** Of one connection, or set anew for the next one. Framing is among them: it is never copied, so that two sides cannot read it differently. */
const ofOneConnection: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length'],
  ...['proxy-authorization', 'proxy-authenticate', 'proxy-authentication-info', 'expect'],
]);

/**
 * The headers that go on to the other side, in their order and spelling: names and values in turn, as Node has them. `Connection` may
 * name more that stay behind.
 */
export function headersToPass(raw: readonly string[], dropped: readonly string[] = []): string[] {
  const pairs = pairsOf(raw);
  const named = pairs.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.toLowerCase().split(','));
  const stay = new Set([...dropped, ...named.map((name) => name.trim())]);
  return pairs.filter(([name]) => !ofOneConnection.has(name.toLowerCase()) && !stay.has(name.toLowerCase())).flat();
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}

/** How long a body is said to be. Null: it says something that the proxy cannot pass on. */
export function framingOf(headers: IncomingHttpHeaders): readonly string[] | null {
  const { 'transfer-encoding': coding, 'content-length': length } = headers;
  if (coding !== undefined) return coding.trim().toLowerCase() === 'chunked' ? ['Transfer-Encoding', 'chunked'] : null;
  return length === undefined ? [] : ['Content-Length', length];
}
