import type { HostAndPort, NetworkRules } from '@exosphere/egress';
import { placeOf, routeOf, routeOfHost, withRewriteTargets } from '@exosphere/egress';
import { notUnderstood, refusedBecause } from './egress-failure.ts';

/** What to connect to: an address by the rules, or the satellite's own server, wherever it is now. */
export type Target =
  { readonly kind: 'host'; readonly host: string; readonly port: number; readonly named: boolean } | { readonly kind: 'server' };

/** Where a request goes. */
export interface Direction {
  readonly url: URL;
  /** Of the request line. */
  readonly path: string;
  readonly target: Target;
}

/** Says where what a satellite asks for leads, by its manifest and its environment. */
export interface Directions {
  /** For a connection. Fails with an `EgressFailure` where the rules refuse it. */
  toHost(host: string, port: number): Target;
  /** For a request with a whole URL. Fails likewise. */
  toUrl(text: string): Direction;
}

const serverPort = 80;

export function directionsBy(given: NetworkRules, { hasServer }: { readonly hasServer: boolean }): Directions {
  // The client packages rewrite addresses themselves, before they ask.
  const rules = withRewriteTargets(given);
  const isServer = ({ host, port, isSealed = false }: HostAndPort & { readonly isSealed?: boolean }): boolean => {
    if (!hasServer || !/^server\.?$/i.test(host)) return false;
    if (port === serverPort && !isSealed) return true;
    throw refusedBecause(`'${host}:${port}' may not be reached: the server of the satellite is http://server.`);
  };
  const toHost = (host: string, port: number): Target => {
    if (isServer({ host, port })) return { kind: 'server' };
    const route = routeOfHost(host, port, rules);
    if (route.kind === 'refused') throw refusedBecause(route.message);
    return { ...route, kind: 'host' };
  };
  const toUrl = (text: string): Direction => {
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
      throw notUnderstood('This is a proxy: it takes requests with a whole URL (http://host/path), CONNECT, and SOCKS 5.');
    }
    const asked = new URL(text);
    const isAnonymous = asked.username === '' && asked.password === '';
    if (isAnonymous && isServer({ ...placeOf(asked), isSealed: asked.protocol === 'https:' })) {
      return { url: asked, path: pathIn(text, asked), target: { kind: 'server' } };
    }
    const route = routeOf(text, rules);
    if (route.kind === 'refused') throw refusedBecause(route.message);
    const url = new URL(route.url);
    const path = route.url === asked.href ? pathIn(text, url) : `${url.pathname}${url.search}`;
    return { url, path, target: { kind: 'host', ...placeOf(url), named: route.named } };
  };
  return { toHost, toUrl };
}

/** As it was written, where that is plain: somebody may have signed it, dots and all. */
function pathIn(text: string, url: URL): string {
  const [, path] = /^https?:\/\/[^/?#\\]+(\/[^#\\]*)$/i.exec(text) ?? [];
  return path ?? `${url.pathname}${url.search}`;
}
