import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { sha256 } from './sha256.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'binary', maxLength: 200 });

describe('the encodings of the language are those of the platform', () => {
  it('SHA-256', () => {
    fc.assert(
      fc.property(bytes, (each) => {
        expect(sha256(each)).toBe(createHash('sha256').update(each).digest('hex'));
      }),
    );
  });

  it('base64, and back', () => {
    fc.assert(
      fc.property(bytes, (each) => {
        expect(encodeBase64(each)).toBe(Buffer.from(each).toString('base64'));
        expect(decodeBase64(Buffer.from(each).toString('base64'))).toEqual(each);
        expect(decodeBase64(Buffer.from(each).toString('base64url'))).toEqual(each);
      }),
    );
  });

  it('UTF-8, lone surrogates included', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(Buffer.from(encodeUtf8(each))).toEqual(Buffer.from(each, 'utf8'));
      }),
    );
    expect([...encodeUtf8('\ud800x')]).toEqual([0xef, 0xbf, 0xbd, 0x78]);
  });

  it('UTF-8 back, and the refusal of what is none', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const platform = (each: Uint8Array): string | undefined => {
      try {
        return strict.decode(each);
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(fc.oneof(bytes, text.map(encodeUtf8)), (each) => {
        expect(decodeUtf8(each)).toBe(platform(each));
      }),
      { numRuns: 2_000 },
    );
    for (const bad of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]]) {
      expect(decodeUtf8(new Uint8Array(bad))).toBeUndefined();
    }
  });

  it('base64 of what is none is refused', () => {
    for (const bad of ['a', 'ab=c', 'a*bc', '====']) expect(decodeBase64(bad)).toBeUndefined();
  });
});
