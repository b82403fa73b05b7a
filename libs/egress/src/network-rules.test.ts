import { describe, expect, it } from 'vitest';
import { networkRules, routeOf } from './network-rules.ts';

function route(url: string, allow: readonly string[], endpoints: Readonly<Record<string, string>> = {}): string {
  const found = routeOf(url, networkRules(allow, endpoints, 1).rules);
  return found.kind === 'refused' ? `refused: ${found.message}` : `${found.named ? 'named ' : ''}${found.url}`;
}

describe('the rules of the network', () => {
  it.each([
    ['https://api.example.com/x', ['api.example.com'], 'https://api.example.com/x'],
    ['https://API.example.com./x', ['api.example.com'], 'https://api.example.com./x'],
    ['https://a.example.com/', ['*.example.com'], 'https://a.example.com/'],
    ['https://a.b.example.com/', ['*.example.com'], 'https://a.b.example.com/'],
    ['https://anything.test:8443/', ['*'], 'https://anything.test:8443/'],
    ['http://db.example.com:5432/', ['db.example.com:5432'], 'http://db.example.com:5432/'],
    ['https://a.example.com/', ['a.example.com:443'], 'https://a.example.com/'],
  ])('let %s through for %j', (url, allow, expected) => {
    expect(route(url, allow)).toBe(expected);
  });

  it.each([
    ['https://example.com/', ['*.example.com']],
    ['https://evilexample.com/', ['*.example.com', 'example.com']],
    ['https://example.com.evil.test/', ['example.com']],
    ['https://example.com@evil.test/', ['example.com']],
    ['https://a.example.com:8443/', ['a.example.com:443']],
    ['http://db.example.com:5432/', ['db.example.com', '*']],
    ['ftp://example.com/', ['*']],
    ['nonsense', ['*']],
    ['https://example.com/', []],
  ])('refuse %s for %j', (url, allow) => {
    expect(route(url, allow)).toMatch(/^refused: /);
  });

  it('say why a URL is refused, and what to do', () => {
    expect(route('https://example.com/', ['a.test', '*.b.test:8443'])).toBe(
      "refused: 'example.com' may not be reached: the manifest allows a.test, *.b.test:8443. Name it there, if the satellite needs it (network.allow).",
    );
    expect(route('http://db.example.com:5432/', ['*'])).toBe(
      "refused: 'db.example.com:5432' may not be reached: name this port beside the host, if the satellite needs it (network.allow).",
    );
    const many = Array.from({ length: 30 }, (_, index) => `h${index}.test`);
    expect(route('https://example.com/', many)).toContain('h19.test and 10 more. Name it there');
  });

  it('rewrite the longest prefix that an environment names, at the borders of a path', () => {
    const endpoints = { 'https://api.example.com': 'http://127.0.0.1:1/', 'https://api.example.com/v2/': 'http://127.0.0.1:2/base' };
    expect(route('https://api.example.com/v1?x=1', ['api.example.com'], endpoints)).toBe('named http://127.0.0.1:1/v1?x=1');
    expect(route('https://api.example.com/v2/a', ['api.example.com'], endpoints)).toBe('named http://127.0.0.1:2/base/a');
    expect(route('https://api.example.com/v2', ['api.example.com'], endpoints)).toBe('named http://127.0.0.1:2/base');
    expect(route('https://api.example.com/v20', ['api.example.com'], endpoints)).toBe('named http://127.0.0.1:1/v20');
    expect(route('https://api.example.com.evil.test/', ['*'], endpoints)).toBe('https://api.example.com.evil.test/');
  });

  it('open the endpoints of an environment to satellites that have a network at all', () => {
    const endpoints = { s3: 'http://127.0.0.1:9000/' };
    expect(route('http://127.0.0.1:9000/bucket', ['*.amazonaws.com'], endpoints)).toBe('named http://127.0.0.1:9000/bucket');
    expect(route('http://127.0.0.1:9000/bucket', [], endpoints)).toMatch(/^refused/);
    expect(route('http://127.0.0.1:9001/bucket', ['*.amazonaws.com'], endpoints)).toMatch(/^refused/);
    expect(networkRules(['*'], endpoints, 1).services).toEqual({ s3: 'http://127.0.0.1:9000' });
  });
});
