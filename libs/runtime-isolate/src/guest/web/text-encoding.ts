import { compute } from '../host-link.ts';
import { bytesOf, exactBuffer, joined } from './bytes.ts';
import { textOf } from './text-of.ts';

export class GuestTextEncoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array<ArrayBuffer> {
    const bytes = compute('encode', textOf(text).toWellFormed());
    return new Uint8Array(typeof bytes === 'string' ? new ArrayBuffer(0) : bytes);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = this.encode(character);
      if (written + bytes.byteLength > target.byteLength) break;
      target.set(bytes, written);
      written += bytes.byteLength;
      read += character.length;
    }
    return { read, written };
  }
}

const bom = '\ufeff';

/** How many bytes at the end begin a character that is not complete yet. */
function unfinished(bytes: Uint8Array, encoding: string): number {
  if (encoding.startsWith('utf-16')) return bytes.byteLength % 2;
  if (encoding !== 'utf-8') return 0;
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

export class GuestTextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #begun = false;

  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const encoding = compute('encoding', textOf(label));
    if (typeof encoding !== 'string' || encoding.startsWith('!')) throw new RangeError(`The encoding '${label}' is not known.`);
    this.encoding = encoding.slice(1);
    this.fatal = options.fatal ?? false;
    this.ignoreBOM = options.ignoreBOM ?? false;
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: boolean } = {}): string {
    const bytes = joined([this.#held, input === undefined ? new Uint8Array(0) : bytesOf(input)]);
    const held = options.stream === true ? unfinished(bytes, this.encoding) : 0;
    this.#held = bytes.slice(bytes.byteLength - held);
    const text = compute('decode', JSON.stringify([this.encoding, this.fatal]), exactBuffer(bytes.subarray(0, bytes.byteLength - held)));
    if (typeof text !== 'string' || text.startsWith('!')) throw new TypeError(`The encoded data is not valid ${this.encoding}.`);
    return this.#withoutBom(text.slice(1), options.stream === true);
  }

  #withoutBom(text: string, stream: boolean): string {
    const first = !this.#begun;
    this.#begun = stream && (this.#begun || text !== '');
    return first && !this.ignoreBOM && text.startsWith(bom) ? text.slice(1) : text;
  }
}
