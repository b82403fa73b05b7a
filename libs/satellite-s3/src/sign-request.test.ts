import { describe, expect, it } from 'vitest';
import { canonicalQuery, emptyHash, sha256Hex, signRequest } from './sign-request.ts';

/** The examples of the documentation of AWS Signature Version 4 for S3. */
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const context = { credentials, region: 'us-east-1', now: Date.UTC(2013, 4, 24) };
const host = 'https://examplebucket.s3.amazonaws.com';

async function signatureOf(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<string> {
  const bodyHash = body === undefined ? emptyHash : await sha256Hex(new TextEncoder().encode(body));
  const signed = await signRequest({ method, url: new URL(host + path), headers, bodyHash }, context);
  return signed['authorization']?.split('Signature=')[1] ?? '';
}

describe('a signature', () => {
  it('is the documented one for a read of a range', async () => {
    const signature = await signatureOf('GET', '/test.txt', { range: 'bytes=0-9' });
    expect(signature).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  });

  it('is the documented one for a write', async () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const signature = await signatureOf('PUT', '/test%24file.text', headers, 'Welcome to Amazon S3.');
    expect(signature).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
  });

  it('is the documented one for a query without a value', async () => {
    expect(await signatureOf('GET', '/?lifecycle')).toBe('fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543');
  });

  it('is the documented one for a listing', async () => {
    expect(await signatureOf('GET', '/?max-keys=2&prefix=J')).toBe('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
  });

  it('covers the token of temporary credentials', async () => {
    const request = { method: 'GET', url: new URL(host), headers: {}, bodyHash: emptyHash };
    const signed = await signRequest(request, { ...context, credentials: { ...credentials, sessionToken: 'token' } });
    expect(signed['x-amz-security-token']).toBe('token');
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token');
  });
});

describe('a query', () => {
  it('is sorted by name and encoded strictly', () => {
    const params = new URLSearchParams([
      ['start-after', "it's (a) *b*!"],
      ['list-type', '2'],
      ['start', 'ä/b c+d'],
    ]);
    expect(canonicalQuery(params)).toBe('list-type=2&start=%C3%A4%2Fb%20c%2Bd&start-after=it%27s%20%28a%29%20%2Ab%2A%21');
  });
});
