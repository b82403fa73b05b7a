import type { LookupAddress } from 'node:dns';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardedAgent, namedAgent } from './guarded-agent.ts';
import type { Lookup } from './guarded-lookup.ts';

/** A resolver that gives these answers one after another, the last one again and again. */
function resolver(...answers: readonly (readonly string[])[]): Lookup & { asked: number } {
  const lookup: Lookup & { asked: number } = Object.assign(
    ((_host, _options, done) => {
      const addresses = answers[Math.min(lookup.asked, answers.length - 1)] ?? [];
      lookup.asked += 1;
      done(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as Lookup,
    { asked: 0 },
  );
  return lookup;
}

describe('an agent that is guarded', () => {
  let server: Server;
  let port: number;
  let requests = 0;
  beforeAll(async () => {
    server = createServer((_, response) => {
      requests += 1;
      response.end('reached');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const refusalOf = async (url: string, lookup: Lookup): Promise<unknown> => {
    const dispatcher = guardedAgent(lookup);
    try {
      return await fetch(url, { dispatcher }).then(
        () => 'reached',
        (error: unknown) => (error as { cause?: { code?: unknown } }).cause?.code,
      );
    } finally {
      await dispatcher.destroy();
    }
  };

  it('WHK-11: refuses a name that leads to a private address', async () => {
    expect(await refusalOf(`http://internal.example:${port}/`, resolver(['127.0.0.1']))).toBe('network-refused');
    expect(await refusalOf(`http://internal.example:${port}/`, resolver(['::1', '10.0.0.1']))).toBe('network-refused');
  });

  it('WHK-11: looks at the address that it connects to, so that a name that changes between two look-ups gains nothing', async () => {
    const lookup = resolver(['93.184.216.34'], ['127.0.0.1']);
    lookup.asked = 1;
    expect(await refusalOf(`http://rebinding.example:${port}/`, lookup)).toBe('network-refused');
    expect(lookup.asked).toBe(2);
  });

  it('WHK-11: refuses literal addresses', async () => {
    const lookup = resolver(['93.184.216.34']);
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '2130706433', '0x7f.1']) {
      expect(await refusalOf(`http://${host}:${port}/`, lookup)).toBe('network-refused');
    }
    expect(lookup.asked).toBe(0);
    expect(requests).toBe(0);
  });

  it('leaves the private ones of several addresses out', async () => {
    const lookup = resolver(['127.0.0.1', '192.0.2.1']);
    expect(await refusalOf(`http://mixed.example:${port}/`, lookup)).toBe('network-refused');
    expect(requests).toBe(0);
  });

  it('is told from one for the endpoints that an environment names', async () => {
    const dispatcher = namedAgent();
    expect(await (await fetch(`http://127.0.0.1:${port}/`, { dispatcher })).text()).toBe('reached');
    await dispatcher.destroy();
  });
});
