/** What one value takes in memory at least, about: an empty object there is much larger than its two characters. */
const valueBytes = 32;
/** Most that one list may weigh. */
export const listWeight = 256 * 2 ** 20;

const quote = 34;
const comma = 44;
const backslash = 92;

/** How much a JSON text counts in bytes: its length, or what its values take in memory where they are many and small. */
export function weightOf(text: string): number {
  let values = 1;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === backslash) at += 1;
      else if (code === quote) isInText = false;
    } else if (code === quote) isInText = true;
    // [ and {
    else if (code === comma || code === 91 || code === 123) values += 1;
  }
  return Math.max(text.length, values * valueBytes);
}
