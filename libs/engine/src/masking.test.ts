import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOf } from './masking.ts';

const secret = 's3cr3t/Value+with "quotes" & <tags>';
const bytes = Buffer.from(secret, 'utf8');

const encodings: Readonly<Record<string, string>> = {
  raw: secret,
  base64: bytes.toString('base64'),
  'base64 without padding': bytes.toString('base64').replaceAll('=', ''),
  'base64 for addresses': bytes.toString('base64url'),
  'base64 after one byte': Buffer.concat([Buffer.from('x'), bytes])
    .toString('base64')
    .slice(2),
  'base64 after two bytes': Buffer.concat([Buffer.from('xy'), bytes])
    .toString('base64')
    .slice(3),
  hex: bytes.toString('hex'),
  'upper-case hex': bytes.toString('hex').toUpperCase(),
  'percent-encoded': encodeURIComponent(secret),
  'percent-encoded in lower case': encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  'as a form has it': encodeURIComponent(secret).replaceAll('%20', '+'),
  'in JSON': JSON.stringify(secret).slice(1, -1),
  'in JSON in JSON': JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
  'in HTML': secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'in upper case': secret.toUpperCase(),
  'in lower case': secret.toLowerCase(),
};

describe('SEC-06 a granted secret is masked', () => {
  const mask = maskOf([secret]);

  for (const [name, encoded] of Object.entries(encodings)) {
    it(name, () => {
      const masked = mask?.text(`before ${encoded} after`) ?? '';
      expect(masked).toContain('***');
      expect(masked).not.toContain(encoded);
      expect(masked.startsWith('before ')).toBe(true);
    });
  }

  it('line by line, where it has several', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----';
    expect(maskOf([key])?.text('the second line is hkiG9w0BAQEFAASC.')).toBe('the second line is ***.');
  });

  it('in keys and values of outputs, at any depth, and leaves the rest as it was', () => {
    const value = { ok: [1, true, null, { deep: `x${secret}y` }], [secret]: 2 };
    expect(mask?.value(value)).toEqual({ ok: [1, true, null, { deep: 'x***y' }], '***': 2 });
  });

  it('wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(mask?.text(`${before}${secret}${after}`)).not.toContain(secret);
      }),
    );
  });
});

describe('SEC-08 secrets that are short or many', () => {
  it('masks a short one in logs only, and there as a whole word', () => {
    const mask = maskOf(['abc']);
    expect(mask?.log('abc abcd xabc "abc"')).toBe('*** abcd xabc "***"');
    expect(mask?.text('abc')).toBe('abc');
  });

  it('does not blank a log for an empty one', () => {
    expect(maskOf([''])).toBeNull();
  });
});

describe('SEC-07 what masking does not promise', () => {
  it('lets a reversed value pass, as the documents say', () => {
    const reversed = Array.from(secret).reverse().join('');
    expect(maskOf([secret])?.text(reversed)).toBe(reversed);
  });
});
