import type { Json } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';

/** Values shorter than this are masked in logs only, and there as whole words (spec 2.2). */
export const shortestMasked = 8;

const mask = '***';

/** Replaces the values of granted secrets. Best effort: a value that a satellite transforms in another way passes. */
export interface Mask {
  text(text: string): string;
  /** Log text: short values too, as whole words. */
  log(text: string): string;
  value(value: Json): Json;
}

/** The same with a message that may be shown. */
export function maskedFault<Fault extends { readonly message: string }>(fault: Fault, mask: Mask | null): Fault {
  return mask === null ? fault : { ...fault, message: mask.text(fault.message) };
}

/** Makes the mask for the values that one execution was granted, in all encodings that are looked for. */
export function maskOf(granted: readonly string[]): Mask | null {
  const values = [...new Set(granted)].filter((value) => value !== '');
  if (values.length === 0) return null;
  const long = values.filter((value) => value.length >= shortestMasked);
  const needles = [...new Set(long.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const short = values.filter((value) => value.length < shortestMasked);
  const text = (subject: string): string =>
    needles.reduce((done, needle) => (done.includes(needle) ? done.split(needle).join(mask) : done), subject);
  return {
    text,
    log: (subject) => short.reduce(maskWord, text(subject)),
    value: (value) => maskValue(value, text),
  };
}

function maskValue(value: Json, text: (subject: string) => string): Json {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((inner: Json) => maskValue(inner, text));
  if (!isJsonObject(value)) return value;
  const masked: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = text(key);
    Object.defineProperty(masked, name, { value: maskValue(inner, text), enumerable: true, configurable: true, writable: true });
  }
  return masked;
}

function maskWord(subject: string, word: string): string {
  let result = '';
  let rest = subject;
  for (let at = rest.indexOf(word); at !== -1; at = rest.indexOf(word)) {
    const before = at === 0 ? '' : rest.charAt(at - 1);
    const after = rest.charAt(at + word.length);
    result += rest.slice(0, at) + (isWordCharacter(before) || isWordCharacter(after) ? word : mask);
    rest = rest.slice(at + word.length);
  }
  return result + rest;
}

function isWordCharacter(character: string): boolean {
  return /^[A-Za-z0-9_]$/.test(character);
}

/** The forms in which a value is looked for: itself, its lines, and its encodings. */
function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= shortestMasked);
  return [value, ...lines].flatMap((one) => [one, ...encodingsOf(one)]).filter((form) => form.length >= shortestMasked);
}

function encodingsOf(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const url = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ...base64Forms(bytes),
    hex,
    hex.toUpperCase(),
    url,
    url.replaceAll('%20', '+'),
    url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    htmlEscaped(value),
    value.replaceAll("'", "'\\''"),
    value.toUpperCase(),
    value.toLowerCase(),
  ];
}

/** Base64 of the value at each of the three places where it may begin within a longer text; the unsure characters at the ends are cut. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = new Uint8Array(bytes.length + offset);
    shifted.set(bytes, offset);
    const binary = Array.from(shifted, (byte) => String.fromCharCode(byte)).join('');
    const whole = btoa(binary).replaceAll('=', '');
    const first = offset === 0 ? 0 : offset + 1;
    const last = shifted.length % 3 === 0 ? whole.length : whole.length - 1;
    const sure = whole.slice(first, last);
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function htmlEscaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
