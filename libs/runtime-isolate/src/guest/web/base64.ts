import { GuestDomException } from './dom-exception.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map(Array.from(alphabet, (character, value) => [character, value]));

/** Base64 of a text whose characters are bytes. */
export function btoa(data: unknown): string {
  const text = String(data);
  const out: string[] = [];
  for (let index = 0; index < text.length; index += 3) {
    const [a, b, c] = [text.charCodeAt(index), text.charCodeAt(index + 1), text.charCodeAt(index + 2)];
    if (a > 255 || b > 255 || c > 255) throw new GuestDomException('The text holds characters that are no bytes.', 'InvalidCharacterError');
    const bits = (a << 16) | ((b || 0) << 8) | (c || 0);
    const [w, x, y, z] = [alphabet[bits >> 18], alphabet[(bits >> 12) & 63], alphabet[(bits >> 6) & 63], alphabet[bits & 63]];
    out.push(`${w}${x}${Number.isNaN(b) ? '=' : y}${Number.isNaN(c) ? '=' : z}`);
  }
  return out.join('');
}

/** The text whose characters are the bytes of a base64 text. */
export function atob(data: unknown): string {
  const text = String(data).replaceAll(/[\t\n\f\r ]/g, '');
  const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
  if (bare.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(bare)) throw new GuestDomException('The text is no base64.', 'InvalidCharacterError');
  const out: string[] = [];
  let bits = 0;
  let count = 0;
  for (const character of bare) {
    bits = ((bits << 6) | (valueOf.get(character) ?? 0)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push(String.fromCharCode((bits >> count) & 255));
    }
  }
  return out.join('');
}
