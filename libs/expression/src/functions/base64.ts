const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const digits = pairOf(group >> 12) + pairOf(group & 0xfff);
    text += at + 3 <= bytes.length ? digits : digits.slice(0, bytes.length - at + 1).padEnd(4, '=');
  }
  return text;
}

const pairs: readonly string[] = Array.from({ length: 0x1000 }, (_, bits) => DIGITS.charAt(bits >> 6) + DIGITS.charAt(bits & 0x3f));

function pairOf(bits: number): string {
  return pairs[bits] ?? '';
}

/** The bytes of base64 or base64url, with or without its padding and with blanks between; undefined where it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\t\n\r ]/g, '').replace(/={1,2}$/, '');
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let buffer = 0;
  let length = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digitOf(digits.charCodeAt(at));
    if (digit === undefined) return undefined;
    buffer = ((buffer << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = (buffer >> bits) & 0xff;
    length += 1;
  }
  return bytes;
}

function digitOf(unit: number): number | undefined {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52;
  if (unit === 0x2b || unit === 0x2d) return 62;
  return unit === 0x2f || unit === 0x5f ? 63 : undefined;
}
