/** The UTF-8 bytes of a text. A lone surrogate, which UTF-8 cannot hold, becomes the replacement character. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    length = writePoint(bytes, length, point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return bytes.subarray(0, length);
}

function writePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const lead = [0, 0xc0, 0xe0, 0xf0][more] ?? 0;
  bytes[at] = lead | (point >> (6 * more));
  for (let left = more - 1; left >= 0; left -= 1) bytes[at + more - left] = 0x80 | ((point >> (6 * left)) & 0x3f);
  return at + more + 1;
}

/** The text of UTF-8 bytes, undefined where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const pieces: string[] = [];
  let points: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const read = readPoint(bytes, at);
    if (!read) return undefined;
    points.push(read.point);
    at = read.next;
    if (points.length === 4096) {
      pieces.push(String.fromCodePoint(...points));
      points = [];
    }
  }
  return pieces.join('') + String.fromCodePoint(...points);
}

/** By number of continuation bytes: the bits of the lead byte that count, and the least point that needs so many. */
const SHAPES = [
  { mask: 0x7f, least: 0 },
  { mask: 0x1f, least: 0x80 },
  { mask: 0x0f, least: 0x800 },
  { mask: 0x07, least: 0x10000 },
] as const;

function readPoint(bytes: Uint8Array, at: number): { point: number; next: number } | undefined {
  const lead = bytes[at] ?? 0;
  const more = continuations(lead);
  const shape = more === undefined ? undefined : SHAPES[more];
  if (more === undefined || !shape) return undefined;
  let point = lead & shape.mask;
  for (let each = 1; each <= more; each += 1) {
    const byte = bytes[at + each] ?? 0;
    if ((byte & 0xc0) !== 0x80) return undefined;
    point = (point << 6) | (byte & 0x3f);
  }
  const isPoint = point >= shape.least && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isPoint ? { point, next: at + more + 1 } : undefined;
}

function continuations(lead: number): 0 | 1 | 2 | 3 | undefined {
  if (lead < 0x80) return 0;
  if (lead >= 0xc0 && lead < 0xe0) return 1;
  if (lead >= 0xe0 && lead < 0xf0) return 2;
  return lead >= 0xf0 && lead < 0xf8 ? 3 : undefined;
}
