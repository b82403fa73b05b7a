import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardedConnect } from './guarded-connect.ts';
import type { Lookup } from './guarded-lookup.ts';

/** A resolver that gives these answers one after another, the last one again and again, and counts. */
function resolver(...answers: readonly (readonly string[])[]): { readonly lookup: Lookup; readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (host, _options, done) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, asked };
}

describe('a guarded connection', () => {
  let server: Server;
  let port: number;
  let connections = 0;
  const signal = new AbortController().signal;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.end('reached');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  const codeOf = async (host: string, lookup: Lookup): Promise<unknown> =>
    guardedConnect({ host, port, named: false }, { timeoutMs: 300, signal, lookup }).then(
      (socket) => {
        socket.destroy();
        return 'reached';
      },
      (cause: unknown) => (cause as { code?: unknown }).code,
    );

  it.each([
    ...['127.0.0.1', '127.1', '0x7f000001', '2130706433', '[::1]', '::1', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '169.254.169.254'],
    ...['172.17.0.1', '10.0.0.1', '192.168.0.1', '100.64.0.1', '0.0.0.0', '[fc00::1]', '[fe80::1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
    ...['localhost', 'localhost.', 'LOCALHOST', 'a.localhost'],
  ])('CTR-05 WHK-11: does not go to %s', async (host) => {
    const before = connections;
    const { lookup } = resolver(['127.0.0.1']);
    expect(await codeOf(host, lookup)).toBe('network-refused');
    expect(connections).toBe(before);
  });

  it.each([[['127.0.0.1']], [['10.1.2.3', '::1']], [['fe80::1', '169.254.169.254']], [['::ffff:127.0.0.1']], [[]]])(
    'CTR-05 WHK-11: does not go to a name that leads to %j',
    async (addresses) => {
      expect(await codeOf('internal.example', resolver(addresses).lookup)).toBe('network-refused');
    },
  );

  it('CTR-05 WHK-11: looks a name up once and goes to what it looked at, so that a name that changes gains nothing', async () => {
    const before = connections;
    const { lookup, asked } = resolver(['203.0.113.1', '192.88.99.9', '93.184.216.34'], ['127.0.0.1']);
    expect(await codeOf('rebinding.example', lookup)).toMatch(/^(ABORT_ERR|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ETIMEDOUT)$/);
    expect(asked).toEqual(['rebinding.example']);
    expect(connections).toBe(before);
    expect(await codeOf('rebinding.example', lookup)).toBe('network-refused');
  });

  it.each(['127.0.0.1', 'named.example'])('goes to %s where the environment names it', async (host) => {
    const socket = await guardedConnect({ host, port, named: true }, { timeoutMs: 5_000, signal, lookup: resolver(['127.0.0.1']).lookup });
    expect(await text(socket)).toBe('reached');
    socket.destroy();
  });

  it('gives up when it is told to, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const never: Lookup = () => {};
    const connecting = guardedConnect(
      { host: 'slow.example', port, named: false },
      { timeoutMs: 60_000, signal: stop.signal, lookup: never },
    );
    stop.abort();
    await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      guardedConnect({ host: 'slow.example', port, named: false }, { timeoutMs: 60_000, signal: stop.signal, lookup: never }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      guardedConnect({ host: 'slow.example', port, named: false }, { timeoutMs: 20, signal, lookup: never }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('asks the DNS where no other resolver is given, and says what it says', async () => {
    const failed = guardedConnect({ host: 'no-such-name.invalid', port, named: false }, { timeoutMs: 20_000, signal });
    await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|ECONNREFUSED|ETIMEOUT|ESERVFAIL|EREFUSED)$/) });
  });
});
