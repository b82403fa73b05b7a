import { describe, expect, it } from 'vitest';
import { routeOfHost, withRewriteTargets } from './host-route.ts';
import { networkRules, routeOf } from './network-rules.ts';

function route(at: string, allow: readonly string[], endpoints: Readonly<Record<string, string>> = {}): string {
  const [, host = '', port = ''] = /^(.*):(\d*)$/s.exec(at) ?? [];
  const found = routeOfHost(host, Number(port), withRewriteTargets(networkRules(allow, endpoints, 1).rules));
  return found.kind === 'refused' ? `refused: ${found.message}` : `${found.named ? 'named ' : ''}${found.host}:${found.port}`;
}

describe('the rules of connections', () => {
  it.each([
    ['api.example.com:443', ['api.example.com'], 'api.example.com:443'],
    ['API.Example.com:443', ['api.example.com'], 'api.example.com:443'],
    ['api.example.com.:443', ['api.example.com'], 'api.example.com.:443'],
    ['bücher.example:443', ['xn--bcher-kva.example'], 'xn--bcher-kva.example:443'],
    ['a.b.example.com:8443', ['*.example.com'], 'a.b.example.com:8443'],
    ['anything.test:80', ['*'], 'anything.test:80'],
    ['db.example.com:5432', ['db.example.com:5432'], 'db.example.com:5432'],
    ['a.example.com:443', ['a.example.com:443'], 'a.example.com:443'],
    ['8.8.8.8:443', ['*'], '8.8.8.8:443'],
    ['[2606:4700:4700::1111]:443', ['*'], '[2606:4700:4700::1111]:443'],
    ['2606:4700:4700:0::1111:443', ['*'], '[2606:4700:4700::1111]:443'],
  ])('let %s through for %j', (at, allow, expected) => {
    expect(route(at, allow)).toBe(expected);
  });

  it.each([
    ['example.com:443', ['*.example.com']],
    ['evilexample.com:443', ['*.example.com', 'example.com']],
    ['example.com.evil.test:443', ['example.com']],
    ['a.example.com:8443', ['a.example.com:443']],
    ['db.example.com:5432', ['db.example.com', '*']],
    ['mail.example.com:25', ['*']],
    ['93.184.216.34:443', ['example.com']],
    ['example.com:443', []],
  ])('refuse %s for %j, and say so', (at, allow) => {
    expect(route(at, allow)).toMatch(/^refused: '.*' may not be reached: .*network\.allow/);
  });

  it.each([
    ...['', 'a b', 'a\nb', 'a\0b', 'user@example.com', 'example.com/x', 'example.com?', 'example.com#', 'a\\b', 'a:b', '%', '[::1', '::1]'],
    ...['[example.com]', '::ffff:1.2.3', 'fe80::1%eth0', '1.2.3.4.5', '0x100000000'],
  ])('take %j for no host', (host) => {
    const found = routeOfHost(host, 443, networkRules(['*'], {}, 1).rules);
    expect(found).toMatchObject({ kind: 'refused', message: expect.stringMatching(/is no host with a port/) });
  });

  it('take what is longer than a name can be for no host', () => {
    const found = routeOfHost('x'.repeat(70_000), 443, networkRules(['*'], {}, 1).rules);
    expect(found).toMatchObject({ kind: 'refused', message: `'${'x'.repeat(120)}…:443' is no host with a port.` });
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('take %d for no port', (port) => {
    expect(routeOfHost('example.com', port, networkRules(['*'], {}, 1).rules).kind).toBe('refused');
  });

  it.each(['127.1', '0x7f000001', '0x7f.1', '2130706433', '017700000001', '127.0.0.1.', '１２７.0.0.1'])(
    'CTR-05: see through %s',
    (host) => {
      expect(route(`${host}:80`, ['*'])).toBe('127.0.0.1:80');
      expect(route(`${host}:80`, ['example.com'])).toMatch(/^refused/);
    },
  );

  it('agree with the rules of URLs', () => {
    const hosts = ['example.com', 'a.example.com', 'example.com.', 'A.EXAMPLE.COM', '127.1', '[::1]', '10.0.0.1', 'evil.test'];
    const allows = [[], ['*'], ['example.com'], ['*.example.com'], ['example.com:443'], ['*:80'], ['10.0.0.1', '*.test']];
    for (const host of hosts) {
      for (const port of [80, 443, 8443, 22, 5432]) {
        for (const allow of allows) {
          const { rules } = networkRules(allow, { s3: 'http://10.0.0.1:8443' }, 1);
          const byUrl = routeOf(`http://${host}:${port}/`, rules);
          const byHost = routeOfHost(host, port, rules);
          expect({ host, port, allow, kind: byHost.kind }).toEqual({ host, port, allow, kind: byUrl.kind });
          if (byUrl.kind === 'go' && byHost.kind === 'go') expect(byHost.named).toBe(byUrl.named);
        }
      }
    }
  });

  it('open the endpoints of an environment to satellites that have a network at all', () => {
    const endpoints = { s3: 'http://127.0.0.1:9000/', queue: 'https://queue.internal' };
    expect(route('127.0.0.1:9000', ['*.amazonaws.com'], endpoints)).toBe('named 127.0.0.1:9000');
    expect(route('127.1:9000', ['*.amazonaws.com'], endpoints)).toBe('named 127.0.0.1:9000');
    expect(route('queue.internal:443', ['*.amazonaws.com'], endpoints)).toBe('named queue.internal:443');
    expect(route('queue.internal:80', ['*.amazonaws.com'], endpoints)).toMatch(/^refused/);
    expect(route('127.0.0.1:9001', ['*.amazonaws.com'], endpoints)).toMatch(/^refused/);
    expect(route('127.0.0.1:9000', [], endpoints)).toMatch(/^refused/);
  });

  it('follow a rewrite that changes host and port only', () => {
    const endpoints = { 'https://api.example.com': 'https://127.0.0.1:8443', 'http://plain.example.com:8080': 'http://127.0.0.1:1/' };
    expect(route('api.example.com:443', ['*'], endpoints)).toBe('named 127.0.0.1:8443');
    expect(route('api.example.com.:443', ['*'], endpoints)).toBe('named 127.0.0.1:8443');
    expect(route('api.example.com:80', ['*'], endpoints)).toBe('api.example.com:80');
    expect(route('plain.example.com:8080', ['*'], endpoints)).toBe('named 127.0.0.1:1');
    expect(route('api.example.com:443', ['other.example.com'], endpoints)).toMatch(/^refused/);
  });

  it.each([
    ['another scheme', { 'https://api.example.com': 'http://127.0.0.1:8081' }],
    ['another path', { 'https://api.example.com': 'https://127.0.0.1:8443/base' }],
    ['one path only', { 'https://api.example.com/v2': 'https://127.0.0.1:8443' }],
    ['one of several', { 'https://api.example.com': 'https://127.0.0.1:1', 'https://api.example.com/v2': 'https://127.0.0.1:2' }],
  ])('refuse to connect where a rewrite leads to %s, and say what to call instead', (_, endpoints) => {
    const found = route('api.example.com:443', ['api.example.com'], endpoints);
    expect(found).toContain("refused: 'api.example.com:443' may not be connected to, since the environment calls ");
    for (const [from, to] of Object.entries(endpoints)) expect(found).toContain(`${to} in place of ${from}`);
  });

  it('name where a rewrite leads to, for those who may reach where it leads from', () => {
    const endpoints = { 'https://api.example.com': 'http://127.0.0.1:8081/base' };
    expect(route('127.0.0.1:8081', ['api.example.com'], endpoints)).toBe('named 127.0.0.1:8081');
    expect(route('127.0.0.1:8081', ['other.example.com'], endpoints)).toMatch(/^refused/);
    expect(route('127.0.0.1:8081', [], endpoints)).toMatch(/^refused/);
  });
});
