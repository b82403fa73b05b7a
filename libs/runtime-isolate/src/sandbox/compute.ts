import { Buffer } from 'node:buffer';
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';

/*
 * What a guest computes with the help of the host, at once. Text and bytes in, text or bytes out; the guest's side turns a text that
 * begins with `!` into an error. Nothing here throws into the guest: errors of the host carry stacks of the host.
 */

type Compute = (text: string, bytes: ArrayBuffer | undefined) => string | ArrayBuffer;

const mostRandomBytes = 65_536;

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

const partsOfUrl = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

function describeUrl(url: URL): string {
  return JSON.stringify(Object.fromEntries(partsOfUrl.map((part) => [part, url[part]])));
}

function parseUrl(text: string): string {
  const [url, base] = JSON.parse(text) as [string, string | null]; // written by the guest's side of URL
  const parsed = URL.parse(url, base ?? undefined);
  return parsed === null ? '!Invalid URL' : describeUrl(parsed);
}

type Settable = Exclude<(typeof partsOfUrl)[number], 'origin' | 'href'>;

function setUrl(text: string): string {
  const [href, part, value] = JSON.parse(text) as [string, Settable, string]; // written by the guest's side of URL
  const url = new URL(href);
  if (!partsOfUrl.includes(part)) return '!Unknown part of a URL';
  url[part] = value;
  return describeUrl(url);
}

function decode(text: string, bytes: ArrayBuffer | undefined): string {
  const [label, fatal] = JSON.parse(text) as [string, boolean]; // written by the guest's side of TextDecoder
  try {
    return `=${new TextDecoder(label, { fatal, ignoreBOM: true }).decode(bytes)}`;
  } catch (cause) {
    return cause instanceof RangeError ? '!range' : '!invalid';
  }
}

const hashes: Readonly<Record<string, string>> = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

function digest(hash: string, bytes: ArrayBuffer | undefined): string | ArrayBuffer {
  const algorithm = hashes[hash];
  if (algorithm === undefined || bytes === undefined) return '!Unknown hash';
  return bufferOf(createHash(algorithm).update(new Uint8Array(bytes)).digest());
}

/** The key lies before the data. */
function hmac(text: string, bytes: ArrayBuffer | undefined): string | ArrayBuffer {
  const [hash, keyLength] = JSON.parse(text) as [string, number]; // written by the guest's side of crypto.subtle
  const algorithm = hashes[hash];
  if (algorithm === undefined || bytes === undefined) return '!Unknown hash';
  const key = new Uint8Array(bytes, 0, keyLength);
  return bufferOf(createHmac(algorithm, key).update(new Uint8Array(bytes, keyLength)).digest());
}

const computations: Readonly<Record<string, Compute>> = {
  'url-parse': parseUrl,
  'url-set': setUrl,
  encode: (text) => bufferOf(Buffer.from(text, 'utf8')),
  decode,
  encoding: (label) => {
    try {
      return `=${new TextDecoder(label).encoding}`;
    } catch {
      return '!range'; // an unknown label is what was asked about
    }
  },
  digest,
  hmac,
  random: (count) => bufferOf(randomBytes(Math.min(Number(count), mostRandomBytes))),
  uuid: () => randomUUID(),
};

/** Does one computation by its name. */
export function compute(name: string, text: string, bytes: ArrayBuffer | undefined): string | ArrayBuffer {
  try {
    const computation = Object.hasOwn(computations, name) ? computations[name] : undefined;
    return computation === undefined ? '!Unknown computation' : computation(text, bytes);
  } catch {
    return '!The computation failed'; // the guest wrote arguments of its own making; the host's error is none of its business
  }
}
