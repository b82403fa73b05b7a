const SHORT_NEEDLE = 32;
const SMALL_PRODUCT = 1_000_000;

/** Finds a needle in a text at or after an offset; -1 where there is none. */
export type FindText = (from: number) => number;

/**
 * Prepares the search for a needle. The engine's own search is quadratic for needles that nearly match everywhere, so
 * where that could take long it is done by Knuth, Morris and Pratt: one pass, whatever the texts are.
 */
export function finderOf(text: string, needle: string): FindText {
  if (needle.length <= SHORT_NEEDLE || text.length * needle.length <= SMALL_PRODUCT) return (from) => text.indexOf(needle, from);
  const borders = bordersOf(needle);
  return (from) => {
    let matched = 0;
    for (let at = from; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      while (matched > 0 && needle.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
      if (needle.charCodeAt(matched) === unit) matched += 1;
      if (matched === needle.length) return at - needle.length + 1;
    }
    return -1;
  };
}

/** For each prefix of the needle, the length of its longest proper border. */
function bordersOf(needle: string): Uint32Array {
  const borders = new Uint32Array(needle.length);
  let border = 0;
  for (let at = 1; at < needle.length; at += 1) {
    const unit = needle.charCodeAt(at);
    while (border > 0 && needle.charCodeAt(border) !== unit) border = borders[border - 1] ?? 0;
    if (needle.charCodeAt(border) === unit) border += 1;
    borders[at] = border;
  }
  return borders;
}
