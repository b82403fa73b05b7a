import { isIPv6 } from 'node:net';
import type { HostAndPort } from './allowed-hosts.ts';
import { isAllowed, placeOf, refusalOf, withoutDot } from './allowed-hosts.ts';
import type { NetworkRules, Rewrite } from './network-rules.ts';

/** Where a connection goes, or why it does not go. */
export type HostRoute =
  | {
      readonly kind: 'go';
      readonly host: string;
      readonly port: number;
      /** The environment names it, so that its address may be private. */
      readonly named: boolean;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Of the DNS, with a dot at its end. */
const longestName = 254;

/**
 * Decides where a connection leads of which only host and port are known, since what goes through it is sealed (`CONNECT`, SOCKS).
 * Pure, as `routeOf`. A rewrite is followed where host and port are all that it changes.
 */
export function routeOfHost(text: string, port: number, rules: NetworkRules): HostRoute {
  const host = hostOf(text);
  if (host === null || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return { kind: 'refused', message: `'${shown(text, port)}' is no host with a port.` };
  }
  const at = { host, port };
  if (rules.allow.length > 0 && rules.origins.some((origin) => isAt(origin, at))) return { kind: 'go', ...at, named: true };
  if (!isAllowed(at, rules.allow)) return { kind: 'refused', message: refusalOf(shown(host, port), at, rules.allow) };
  const rewrites = rules.rewrites.filter(({ from }) => isAt(from, at));
  return rewrites.length === 0 ? { kind: 'go', ...at, named: false } : rewritten(at, rewrites);
}

/**
 * Also names the addresses that a rewrite leads to, where the manifest allows the one that it leads from: for clients that rewrite
 * URLs themselves, before they ask.
 */
export function withRewriteTargets(rules: NetworkRules): NetworkRules {
  const targets = rules.rewrites.filter(({ from }) => isAllowed(placeOf(new URL(from)), rules.allow)).map(({ to }) => new URL(to).origin);
  return { ...rules, origins: [...new Set([...rules.origins, ...targets])] };
}

function rewritten(at: HostAndPort, rewrites: readonly Rewrite[]): HostRoute {
  const target = rewrites.length === 1 && rewrites[0] !== undefined ? sameScheme(rewrites[0]) : null;
  if (target !== null) return { kind: 'go', ...placeOf(target), named: true };
  const calls = rewrites.map(({ from, to }) => `${to} in place of ${from}`).join(', ');
  return {
    kind: 'refused',
    message:
      `'${shown(at.host, at.port)}' may not be connected to, since the environment calls ${calls}, and nobody can change a URL inside of ` +
      `a connection. Send the request to the address in its place, which is among the endpoints; the client packages do.`,
  };
}

/** Where the rewrite leads, if it changes neither scheme nor path. */
function sameScheme({ from, to }: Rewrite): URL | null {
  const [source, target] = [new URL(from), new URL(to)];
  const isBare = source.pathname === '/' && target.pathname === '/';
  return isBare && source.protocol === target.protocol ? target : null;
}

function isAt(text: string, { host, port }: HostAndPort): boolean {
  const place = placeOf(new URL(text));
  return withoutDot(place.host) === withoutDot(host) && place.port === port;
}

/** One way to write each host: `127.1` and `0x7f000001` are `127.0.0.1`, an IPv6 address has brackets. Null: it is none. */
function hostOf(text: string): string | null {
  if (text.length > longestName) return null;
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(bare)) return URL.parse(`http://[${bare}]/`)?.hostname ?? null;
  return /^[^\s/?#@\\:[\]]+$/.test(text) ? (URL.parse(`http://${text}/`)?.hostname ?? null) : null;
}

function shown(host: string, port: number): string {
  return `${host.length > 120 ? `${host.slice(0, 120)}…` : host}:${port}`;
}
