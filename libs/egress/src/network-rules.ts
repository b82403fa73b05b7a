import { isAllowed, placeOf, refusalOf } from './allowed-hosts.ts';

/** Where a satellite may go: what its manifest allows and what the environment says of it. Plain data, sent to the sandbox. */
export interface NetworkRules {
  /** Patterns of hosts: `api.example.com`, `*.example.com`, `*`, each with an optional port. Empty: no network at all. */
  readonly allow: readonly string[];
  /** URL prefix → base URL that is called in its place. */
  readonly rewrites: readonly Rewrite[];
  /** Origins that the environment names: allowed also where their address is private. */
  readonly origins: readonly string[];
  /** Most bytes of one response. */
  readonly mostResponseBytes: number;
}

export interface Rewrite {
  /** With no slash at its end. */
  readonly from: string;
  readonly to: string;
}

/** Where a request goes, or why it does not go. */
export type Route =
  | {
      readonly kind: 'go';
      readonly url: string;
      /** The environment names it, so that its address may be private. */ readonly named: boolean;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Decides where a URL leads. Pure: addresses are looked at when the connection is made. */
export function routeOf(text: string, rules: NetworkRules): Route {
  if (!URL.canParse(text)) return { kind: 'refused', message: `'${shortened(text)}' is no absolute URL.` };
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { kind: 'refused', message: `'${url.protocol}' is not allowed, only http: and https: are.` };
  }
  if (url.username !== '' || url.password !== '') return { kind: 'refused', message: 'A URL may not hold a user name or password.' };
  if (rules.origins.includes(url.origin) && rules.allow.length > 0) return { kind: 'go', url: url.href, named: true };
  const place = placeOf(url);
  if (!isAllowed(place, rules.allow)) return { kind: 'refused', message: refusalOf(shortened(url.host), place, rules.allow) };
  return rewritten(url, rules.rewrites) ?? { kind: 'go', url: url.href, named: false };
}

function rewritten(url: URL, rewrites: readonly Rewrite[]): Route | null {
  const best = rewrites
    .filter(({ from }) => isPrefix(from, url))
    .sort((a, b) => b.from.length - a.from.length)
    .at(0);
  if (best === undefined) return null;
  return { kind: 'go', url: `${best.to}${url.href.slice(best.from.length)}`, named: true };
}

/** `https://a.example/v1` is a prefix of `https://a.example/v1/x` and `…/v1?x`, not of `…/v10` nor of `https://a.example.org`. */
function isPrefix(from: string, url: URL): boolean {
  if (!url.href.startsWith(from)) return false;
  const next = url.href[from.length];
  return next === undefined || next === '/' || next === '?' || next === '#';
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/**
 * The rules for one satellite in one environment.
 *
 * @param endpoints of the environment: a service name (`s3`) or a URL prefix → base URL
 */
export function networkRules(
  allow: readonly string[],
  endpoints: Readonly<Record<string, string>>,
  mostResponseBytes: number,
): { readonly rules: NetworkRules; readonly services: Readonly<Record<string, string>> } {
  const services: Record<string, string> = {};
  const rewrites: Rewrite[] = [];
  for (const [name, base] of Object.entries(endpoints)) {
    const to = withoutSlash(base);
    if (/^https?:\/\//.test(name)) rewrites.push({ from: withoutSlash(new URL(name).href), to });
    else services[name] = to;
  }
  const origins = Object.values(services).map((base) => new URL(base).origin);
  return { rules: { allow, rewrites, origins, mostResponseBytes }, services };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
