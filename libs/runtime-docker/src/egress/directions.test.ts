import { networkRules } from '@exosphere/egress';
import { describe, expect, it } from 'vitest';
import { directionsBy } from './directions.ts';
import { EgressFailure } from './egress-failure.ts';

const endpoints = { 'http://api.example.com': 'https://127.0.0.1:8443/base', s3: 'http://127.0.0.1:9000' };
const directions = (hasServer = false, allow: readonly string[] = ['*']): ReturnType<typeof directionsBy> =>
  directionsBy(networkRules(allow, endpoints, 1).rules, { hasServer });

function failureIn(work: () => unknown): string {
  try {
    work();
  } catch (cause) {
    if (cause instanceof EgressFailure) return `${cause.status} ${cause.reply} ${cause.message}`;
  }
  return 'no failure';
}

describe('where a URL leads', () => {
  it.each([
    ['http://a.test', '/', 'a.test', 80],
    ['http://a.test?x=1', '/?x=1', 'a.test', 80],
    ['http://a.test:8080/b/../c/%2e%2e//d?e=f%20g', '/b/../c/%2e%2e//d?e=f%20g', 'a.test', 8080],
    ['HTTP://A.TEST/UP', '/UP', 'a.test', 80],
    ['https://a.test/', '/', 'a.test', 443],
    ['http://a.test/b#c', '/b', 'a.test', 80],
    ['http://a.test\\@b.test/c', '/@b.test/c', 'a.test', 80],
    ['http://127.1:81/', '/', '127.0.0.1', 81],
  ])('%s goes on as %s of %s:%d', (text, path, host, port) => {
    expect(directions().toUrl(text)).toMatchObject({ path, target: { kind: 'host', host, port, named: false } });
  });

  it('is another place where the environment says so', () => {
    const { url, path, target } = directions().toUrl('http://api.example.com/v1/x?y=1');
    expect({ url: url.href, path, target }).toEqual({
      url: 'https://127.0.0.1:8443/base/v1/x?y=1',
      path: '/base/v1/x?y=1',
      target: { kind: 'host', host: '127.0.0.1', port: 8443, named: true },
    });
    expect(directions().toUrl('https://127.0.0.1:8443/').target).toMatchObject({ named: true });
    expect(directions().toUrl('http://127.0.0.1:9000/b').target).toMatchObject({ named: true });
    expect(directions().toUrl('http://127.0.0.1:9001/b').target).toMatchObject({ named: false });
  });

  it.each(['/path', '*', '', 'a.test:80', 'ftp://a.test/', 'file:///etc/passwd', 'http://', 'http://[::1', 'http:a.test', '//a.test/'])(
    'is nowhere for %j, and the proxy says what it takes',
    (text) => {
      expect(failureIn(() => directions().toUrl(text))).toMatch(/^400 1 This is a proxy: it takes requests with a whole URL/);
    },
  );

  it.each([
    [['api.example.com'], 'http://a.test/'],
    [['*'], 'http://a.test:22/'],
    [['*'], 'http://user:secret@a.test/'],
    [[], 'http://127.0.0.1:9000/'],
  ])('is refused by the rules %j for %s', (allow, text) => {
    expect(failureIn(() => directions(false, allow).toUrl(text))).toMatch(/^403 2 /);
  });
});

describe('the server of a satellite', () => {
  it('is http://server, also where nothing else is allowed', () => {
    for (const text of ['http://server', 'http://server/v1/x?y', 'http://SERVER:80/', 'http://server./']) {
      expect(directions(true, []).toUrl(text)).toMatchObject({ target: { kind: 'server' } });
    }
    expect(directions(true, []).toUrl('http://server/v1/x?y').path).toBe('/v1/x?y');
    expect(directions(true, []).toHost('server', 80)).toEqual({ kind: 'server' });
    expect(failureIn(() => directions(true, []).toHost('a.test', 80))).toMatch(/^403 2 .*allows no network/);
  });

  it('is nothing else', () => {
    for (const allow of [[], ['*']]) {
      for (const text of ['https://server/', 'https://server:80/', 'http://server:8000/']) {
        expect(failureIn(() => directions(true, allow).toUrl(text))).toMatch(/^403 2 .*http:\/\/server\.$/);
      }
      expect(failureIn(() => directions(true, allow).toHost('server', 443))).toMatch(/^403 2 .*http:\/\/server\.$/);
      expect(failureIn(() => directions(true, allow).toUrl('http://user@server/'))).toMatch(/^403 2 /);
    }
    expect(directions(true).toUrl('http://server.a.test/').target).toMatchObject({ kind: 'host', host: 'server.a.test' });
  });

  it('is a host like others where there is none', () => {
    expect(directions(false).toUrl('http://server/').target).toEqual({ kind: 'host', host: 'server', port: 80, named: false });
    expect(failureIn(() => directions(false, ['a.test']).toHost('server', 80))).toMatch(/^403 2 /);
  });
});
