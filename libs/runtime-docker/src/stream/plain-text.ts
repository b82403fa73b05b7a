/* eslint-disable no-control-regex -- these are what is taken out */

/**
 * Sequences that a terminal obeys: CSI (colours, cursor), the strings of OSC, DCS, SOS, PM and APC (titles, links) with their end, and
 * those of few characters. Each begins with a character that none of them contains, so that reading them takes linear time; with
 * `stripVTControlCharacters` of Node 24, 16 KiB of openings without an end took half a second.
 */
const sequences = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c\\u009d\\u0090\\u0098\\u009e\\u009f]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text as a log may hold it: no escape sequences that a terminal would obey, no other control characters but tabs and line breaks. */
export function plainText(text: string): string {
  return text.replace(sequences, '').replace(control, (found) => (found === '\r' ? '' : '\ufffd'));
}
