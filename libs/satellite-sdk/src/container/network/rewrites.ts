/** URL prefix → base URL that is called in its place. */
export interface Rewrite {
  /** With no slash at its end. */
  readonly from: string;
  readonly to: string;
}

/** What an environment's `endpoints` rewrite: those that are named by a URL. */
export function rewritesOf(endpoints: Readonly<Record<string, string>>): readonly Rewrite[] {
  return Object.entries(endpoints)
    .filter(([name]) => /^https?:\/\//.test(name))
    .map(([from, to]) => ({ from: withoutSlash(from), to: withoutSlash(to) }))
    .sort((a, b) => b.from.length - a.from.length);
}

/** Where a request for a URL goes: the longest prefix counts, at the borders of a path. */
export function rewritten(href: string, rewrites: readonly Rewrite[]): string {
  const best = rewrites.find(({ from }) => isPrefix(from, href));
  return best === undefined ? href : `${best.to}${href.slice(best.from.length)}`;
}

/** `https://a.example/v1` is a prefix of `https://a.example/v1/x` and `…/v1?x`, not of `…/v10` nor of `https://a.example.org`. */
function isPrefix(from: string, href: string): boolean {
  if (!href.startsWith(from)) return false;
  const next = href[from.length];
  return next === undefined || next === '/' || next === '?' || next === '#';
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
