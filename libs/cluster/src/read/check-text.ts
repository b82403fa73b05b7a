import type { Report } from './report.ts';
import { mostDepth, tooDeepAt } from './nesting-depth.ts';

/** Bytes of UTF-8 that a file may have. */
export const mostBytes = 1024 * 1024;

/** Refuses what must not reach the parser: too large, too deep, or no text at all. Tells whether to go on. */
export function isReadable(text: string, report: Report): boolean {
  const refusal = refusalOf(text);
  if (refusal === null) return true;
  report.error(refusal.code, { start: refusal.start, at: '' }, refusal.message);
  return false;
}

interface Refusal {
  readonly code: 'file-too-large' | 'bad-encoding' | 'control-character' | 'too-deep';
  readonly start: number;
  readonly message: string;
}

function refusalOf(text: string): Refusal | null {
  const bytes = utf8Length(text);
  if (bytes > mostBytes) {
    const message = `The file has ${bytes} bytes, at most ${mostBytes} are read. Large data belong into files that a step reads.`;
    return { code: 'file-too-large', start: 0, message };
  }
  return encodingRefusal(text) ?? depthRefusal(text);
}

function utf8Length(text: string): number {
  return text.length > mostBytes ? text.length : new TextEncoder().encode(text).length;
}

const utf16 = 'The file holds a NUL character; it seems to be UTF-16 or no text. Save it as UTF-8.';
const notUtf8 = 'The file holds bytes that are not UTF-8 here. Save it as UTF-8.';
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unreadable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ud800-\udfff\ufffd-\uffff]/u;

function encodingRefusal(text: string): Refusal | null {
  const match = unreadable.exec(text);
  if (match === null) return null;
  const character = match[0];
  if (character === '\0') return { code: 'bad-encoding', start: match.index, message: utf16 };
  if (character > '\u007f') return { code: 'bad-encoding', start: match.index, message: notUtf8 };
  const name = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  const message = `The control character ${name} may not stand in a file. Write it as an escape in double quotes.`;
  return { code: 'control-character', start: match.index, message };
}

function depthRefusal(text: string): Refusal | null {
  const start = tooDeepAt(text);
  return start === null ? null : { code: 'too-deep', start, message: `More than ${mostDepth} levels of nesting begin here.` };
}
