import { stripVTControlCharacters } from 'node:util';

// eslint-disable-next-line no-control-regex -- these are what is taken out
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text as a log may hold it: no escape sequences that a terminal would obey, no other control characters but the tab. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(control, (found) => (found === '\r' ? '' : '\ufffd'));
}
