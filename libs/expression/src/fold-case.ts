/**
 * Case is folded as .NET's OrdinalIgnoreCase does: one UTF-16 unit to one unit by simple upper-casing. A unit whose
 * upper case is longer (ß), or lies on the other side of ASCII (ı, ſ), stays as it is.
 */
const NOT_YET = 0;
const folds = new Uint16Array(0x10000);

function foldUnit(unit: number): number {
  if (unit < 0x80) return unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit;
  const known = folds[unit] ?? NOT_YET;
  return known === NOT_YET ? learnFold(unit) : known;
}

function learnFold(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  const folded = upper.length === 1 && upper.charCodeAt(0) >= 0x80 ? upper.charCodeAt(0) : unit;
  folds[unit] = folded;
  return folded;
}

// eslint-disable-next-line no-control-regex -- the whole of ASCII is meant
const ASCII_ONLY = /^[\u0000-\u007f]*$/;

/** The text with the case of every unit folded: two texts are equal without case when their folded texts are equal. */
export function foldText(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toUpperCase();
  const pieces: string[] = [];
  const units: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    units.push(foldUnit(text.charCodeAt(at)));
    if (units.length === 4096) pieces.push(String.fromCharCode(...units.splice(0)));
  }
  pieces.push(String.fromCharCode(...units));
  return pieces.join('');
}

export function equalIgnoringCase(left: string, right: string): boolean {
  if (left === right) return true;
  return left.length === right.length && compareIgnoringCase(left, right) === 0;
}

/** Negative, zero or positive, by folded UTF-16 units: letters sort as capitals, so `_` comes after every letter. */
export function compareIgnoringCase(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const l = left.charCodeAt(at);
    const r = right.charCodeAt(at);
    if (l === r) continue;
    const difference = foldUnit(l) - foldUnit(r);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
