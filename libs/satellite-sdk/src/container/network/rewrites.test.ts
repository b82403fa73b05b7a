import { describe, expect, it } from 'vitest';
import { rewritesOf, rewritten } from './rewrites.ts';

describe('the rewrites of an environment', () => {
  const rewrites = rewritesOf({
    s3: 'http://127.0.0.1:9000',
    'https://api.example.com': 'http://127.0.0.1:1/',
    'https://api.example.com/v2/': 'http://127.0.0.1:2/base',
  });

  it.each([
    ['https://api.example.com/v1?x=1', 'http://127.0.0.1:1/v1?x=1'],
    ['https://api.example.com/v2/a', 'http://127.0.0.1:2/base/a'],
    ['https://api.example.com/v2', 'http://127.0.0.1:2/base'],
    ['https://api.example.com/v20', 'http://127.0.0.1:1/v20'],
    ['https://api.example.com.evil.test/', 'https://api.example.com.evil.test/'],
    ['http://127.0.0.1:9000/bucket', 'http://127.0.0.1:9000/bucket'],
  ])('lead %s to %s', (from, to) => {
    expect(rewritten(from, rewrites)).toBe(to);
  });
});
