import { execFileSync } from 'node:child_process';

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as TcpServer, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rawClient } from '../gateway/testing/raw-client.ts';
import type { EgressWorld, WorldOptions } from './testing/egress-world.ts';
import { egressWorld, listening, lookupOf, replyIn, socksName, socksNumber } from './testing/egress-world.ts';

let http: HttpServer;
let port: number;
let tcp: TcpServer;
let tcpPort: number;
let reached = 0;
let serveTcp: (socket: Socket) => void;
const tcpSockets = new Set<Socket>();
const worlds: EgressWorld[] = [];

beforeAll(async () => {
  http = createHttpServer((_, response) => response.end('reached')).on('connection', () => (reached += 1));
  port = await listening(http, '::');
  tcp = createTcpServer({ allowHalfOpen: true }, (socket) => {
    tcpSockets.add(socket.on('error', () => {}));
    serveTcp(socket);
  });
  tcpPort = await listening(tcp);
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
  tcp.close();
});
beforeEach(() => {
  reached = 0;
  serveTcp = (socket) => socket.pipe(socket);
});
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
  for (const socket of tcpSockets) socket.destroy();
  tcpSockets.clear();
});

async function open(options: WorldOptions = {}): Promise<EgressWorld> {
  const world = await egressWorld(options);
  worlds.push(world);
  return world;
}

describe('a satellite with a network', () => {
  it.each([
    ...['127.0.0.1', '127.1', '0x7f000001', '0x7f.1', '2130706433', '017700000001', '127.0.0.1.', '0.0.0.0', '0', '127.255.255.254'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001::1]'],
    ...[
      '169.254.169.254',
      '[::ffff:169.254.169.254]',
      '172.17.0.1',
      '10.0.0.1',
      '10.255.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '198.18.0.1',
    ],
    ...['[fc00::1]', '[fd00:ec2::254]', '[fe80::1]', 'localhost', 'localhost.', 'LOCALHOST', 'a.localhost', '１２７.0.0.1'],
  ])('CTR-05 WHK-11: does not get to %s, by no protocol', async (host) => {
    const { fetch, connect, socks, refused } = await open({ lookup: lookupOf({}) });
    // A URL of a request line is ASCII; a name of SOCKS may be more.
    const ascii = new URL(`http://${host}/`).hostname;
    const byUrl = await fetch(`http://${/^[\x20-\x7e]+$/.test(host) ? host : ascii}:${port}/`);
    expect(byUrl).toMatchObject({ status: 403, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(byUrl.body).toMatch(/^'.*' may not be reached: .*\.\n$/);
    expect(await (await connect(`${/^[\x20-\x7e]+$/.test(host) ? host : ascii}:${port}`)).ended).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\n[^]* may not be reached: /,
    );
    expect(replyIn(await (await socks(socksName(host), port)).ended)).toBe(2);
    expect(reached).toBe(0);
    expect(refused.length).toBeGreaterThan(0);
  });

  it.each([
    [[127, 0, 0, 1]],
    [[169, 254, 169, 254]],
    [[10, 0, 0, 1]],
    [[100, 64, 0, 1]],
    [[0, 0, 0, 0]],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]],
    [[0, 100, 255, 155, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1]],
    [[253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])('CTR-05: does not get to the bytes %j', async (bytes) => {
    const { socks } = await open();
    expect(replyIn(await (await socks(socksNumber(...bytes), port)).ended)).toBe(2);
    expect(reached).toBe(0);
  });

  it('CTR-05 WHK-11: does not get to a name that leads to a private address', async () => {
    const names = { 'a.test': ['127.0.0.1'], 'b.test': ['10.0.0.1', '::1'], 'c.test': ['::ffff:127.0.0.1'], 'd.test': ['169.254.169.254'] };
    const { fetch, connect, socks } = await open({ lookup: lookupOf(names) });
    for (const name of Object.keys(names)) {
      expect(await fetch(`http://${name}:${port}/`)).toMatchObject({
        status: 403,
        body: expect.stringContaining('not one of the public internet'),
      });
      expect(await (await connect(`${name}:${port}`)).ended).toMatch(/^HTTP\/1\.1 403 /);
      expect(replyIn(await (await socks(socksName(name), port)).ended)).toBe(2);
    }
    expect(reached).toBe(0);
  });

  it('CTR-05 WHK-11: gains nothing by a name that changes between two look-ups', async () => {
    const names: Record<string, string[]> = { 'rebinding.test': ['192.88.99.9', '93.184.216.34'] };
    const lookup = lookupOf(names);
    const { fetch, socks } = await open({ lookup, limits: { connectMs: 300 } });
    const first = fetch(`http://rebinding.test:${port}/`);
    await vi.waitFor(() => expect(lookup.asked).toHaveLength(1));
    names['rebinding.test'] = ['127.0.0.1'];
    expect((await first).status).toBe(502); // it tried the address that it had looked at
    expect(lookup.asked).toHaveLength(1);
    expect(await fetch(`http://rebinding.test:${port}/`)).toMatchObject({ status: 403 });
    expect(replyIn(await (await socks(socksName('rebinding.test'), port)).ended)).toBe(2);
    expect(reached).toBe(0);
  });

  it('CTR-05: gets to a private address that the environment names, and to no other port of it', async () => {
    const { fetch, connect } = await open({ allow: ['example.com'], endpoints: { s3: `http://127.0.0.1:${port}` } });
    expect(await fetch(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 200, body: 'reached' });
    expect(await fetch(`http://127.1:${port}/`)).toMatchObject({ status: 200 });
    expect(await fetch(`http://127.0.0.1:${tcpPort}/`)).toMatchObject({ status: 403 });
    expect(await (await connect(`127.0.0.1:${tcpPort}`)).ended).toMatch(/^HTTP\/1\.1 403 /);
    expect(await fetch(`http://localhost:${port}/`)).toMatchObject({ status: 403 });
  });

  it.each([
    [['example.com'], 'evil.test', 443, /the manifest allows example\.com\. Name it there/],
    [['*.example.com'], 'example.com', 443, /the manifest allows \*\.example\.com\. Name it there/],
    [['example.com:8443'], 'example.com', 443, /the manifest allows example\.com:8443\. Name it there/],
    [['*'], 'example.com', 22, /name this port beside the host/],
    [['*'], 'example.com', 5432, /name this port beside the host/],
    [[], 'example.com', 443, /the manifest allows no network/],
  ])('CTR-05: with %j does not get to %s:%d, and is told what to do', async (allow, host, at, sentence) => {
    const lookup = lookupOf({});
    const { fetch, connect, socks, refused } = await open({ allow, lookup });
    expect(await fetch(`http://${host}:${at}/`)).toMatchObject({ status: 403, body: expect.stringMatching(sentence) });
    expect(await (await connect(`${host}:${at}`)).ended).toMatch(sentence);
    expect(replyIn(await (await socks(socksName(host), at)).ended)).toBe(2);
    expect(refused).toEqual([expect.stringMatching(sentence)]);
    expect(lookup.asked).toEqual([]); // a name that may not be reached is not even looked up
  });

  it.each([
    ['http://example.com@127.0.0.1/', 403],
    ['http://user:password@example.com/', 403],
    ['http://example.com\\@127.0.0.1/', 400],
    ['http://127.0.0.1#@example.com/', 400],
    ['file:///etc/passwd', 400],
    ['gopher://127.0.0.1:80/', 400],
    ['unix:/var/run/docker.sock', 400],
  ])('CTR-05 WHK-11: gets nowhere with %s', async (url, status) => {
    const { fetch } = await open({ lookup: lookupOf({}) });
    expect((await fetch(url.replace('127.0.0.1', `127.0.0.1:${port}`))).status).toBe(status);
    expect(reached).toBe(0);
  });

  it('CTR-05: is not sent on by a redirect', async () => {
    const redirecting = createHttpServer((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end());
    const { fetch } = await open({ endpoints: { web: `http://127.0.0.1:${await listening(redirecting)}` } });
    const at = (redirecting.address() as { port: number }).port;
    expect(await fetch(`http://127.0.0.1:${at}/`)).toMatchObject({ status: 302 });
    expect(reached).toBe(0);
    redirecting.close();
  });
});

describe('the proxy and certificates', () => {
  it('takes no server that cannot show who it is, and one that can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'exo-egress-tls-'));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=sealed.test', '-addext', 'subjectAltName=DNS:sealed.test'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ];
    execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
    const cert = readFileSync(certFile, 'utf8');
    const sealed = createHttpsServer({ key: readFileSync(keyFile), cert }, (request, response) =>
      response.end(`sealed ${request.headers.host}`),
    );
    const at = await listening(sealed);
    const endpoints = { 'http://api.test': `https://sealed.test:${at}`, 'http://other.test': `https://wrong.test:${at}` };
    const { fetch } = await open({ endpoints, lookup: lookupOf({ 'sealed.test': ['127.0.0.1'], 'wrong.test': ['127.0.0.1'] }) });
    expect(await fetch('http://api.test/x')).toMatchObject({ status: 502, body: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') });
    const authorities = getCACertificates('default');
    setDefaultCACertificates([...authorities, cert]);
    expect(await fetch('http://api.test/x')).toMatchObject({ status: 200, body: `sealed sealed.test:${at}` });
    expect(await fetch('http://other.test/x')).toMatchObject({
      status: 502,
      body: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
    setDefaultCACertificates(authorities);
    sealed.closeAllConnections();
    sealed.close();
    rmSync(folder, { recursive: true });
  });
});

describe('who misuses the proxy', () => {
  const named = (options: WorldOptions = {}): WorldOptions => ({
    ...options,
    endpoints: { web: `http://127.0.0.1:${port}`, raw: `http://127.0.0.1:${tcpPort}` },
  });
  const answers = async ({ fetch }: EgressWorld): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/`)).body === 'reached';

  it.each([
    ['sends nothing', ''],
    ['sends half a head', 'GET http://x/ HTTP/1.1\r\n'],
    ['sends half a CONNECT', 'CONNECT x:443 HTTP/1.1\r\n'],
    ['sends half a greeting', '\x05'],
    ['sends half a request of SOCKS', '\x05\x01\x00\x05\x01\x00\x03'],
  ])('is cut off when it %s', async (_, first) => {
    const world = await open(named({ limits: { headerMs: 200 } }));
    const { ended } = await rawClient(world.socketPath, Buffer.from(first, 'latin1'));
    await ended;
    expect(await answers(world)).toBe(true);
  });

  it.each([
    ['a head of HTTP', 'GET http://x/ HTTP/1.1\r\n', 'X-Drop: 1\r\n'],
    ['a request of SOCKS', '\x05\xff', '\x00'],
  ])('is cut off when it sends %s drop by drop', async (_, first, drop) => {
    const world = await open(named({ limits: { headerMs: 300 } }));
    const { socket, ended } = await rawClient(world.socketPath, Buffer.from(first, 'latin1'));
    const drops = setInterval(() => socket.write(drop, 'latin1'), 20);
    await ended;
    clearInterval(drops);
    expect(await answers(world)).toBe(true);
  });

  it('is cut off when nothing moves, with what it had reached', async () => {
    const world = await open(named({ limits: { idleMs: 300 } }));
    let isOpen = 0;
    serveTcp = (socket) => {
      isOpen += 1;
      socket.resume().once('close', () => (isOpen -= 1));
      socket.once('end', () => socket.end());
    };
    const tunnel = await world.connect(`127.0.0.1:${tcpPort}`);
    const socks = await world.socks(socksNumber(127, 0, 0, 1), tcpPort);
    const request = await rawClient(world.socketPath, `GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await vi.waitFor(() => expect(isOpen).toBe(3));
    await Promise.all([tunnel.ended, socks.ended, request.ended]);
    await vi.waitFor(() => expect(isOpen).toBe(0));
  });

  it('is cut off when it does not read, or what it reached does not', async () => {
    const world = await open(named({ limits: { idleMs: 500 } }));
    const chunk = Buffer.alloc(65_536);
    let isCut = false;
    serveTcp = (socket) => {
      flood(socket, chunk); // and never reads
      socket.once('close', () => (isCut = true));
    };
    const client = await world.connect(`127.0.0.1:${tcpPort}`);
    client.socket.pause();
    flood(client.socket, chunk);
    await vi.waitFor(() => expect(isCut || client.socket.destroyed).toBe(true), { timeout: 20_000 });
    expect(await answers(world)).toBe(true);
  });

  it('leaves nothing open where it has gone', async () => {
    const world = await open(named());
    let isOpen = 0;
    serveTcp = (socket) => {
      isOpen += 1;
      socket.once('close', () => (isOpen -= 1));
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      flood(socket, Buffer.from('5\r\nhello\r\n'.repeat(1_000)));
    };
    const clients = [
      await world.connect(`127.0.0.1:${tcpPort}`),
      await world.socks(socksNumber(127, 0, 0, 1), tcpPort),
      await rawClient(world.socketPath, `GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`),
    ];
    await Promise.all(clients.map((client) => client.until('hello')));
    expect(isOpen).toBe(3);
    for (const { socket } of clients) socket.destroy();
    await vi.waitFor(() => expect(isOpen).toBe(0));
  });

  it.each([
    ['two lengths', ['Content-Length: 1', 'Content-Length: 2']],
    ['a length and chunks', ['Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['a coding that is not chunked', ['Transfer-Encoding: gzip, chunked']],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    ['a coding with a tail', ['Transfer-Encoding: chunked, identity']],
    ['a header with a space before its colon', ['Transfer-Encoding : chunked']],
    ['a line that is folded', ['X: 1', ' Transfer-Encoding: chunked']],
    ['a bare line feed', ['X: 1\nTransfer-Encoding: chunked']],
    ['no length that is one', ['Content-Length: +5']],
  ])('cannot smuggle a request with %s', async (_, headers) => {
    const { socketPath } = await open(named());
    const received: string[] = [];
    serveTcp = (socket) => {
      socket.on('data', (data: Buffer) => {
        received.push(data.toString('latin1'));
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    };
    const smuggled = `GET http://127.0.0.1:${tcpPort}/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
    const sent = [`POST http://127.0.0.1:${tcpPort}/ HTTP/1.1`, 'Host: x', ...headers, '', `0\r\n\r\n${smuggled}`].join('\r\n');
    const { ended } = await rawClient(socketPath, sent);
    expect(await ended).toMatch(/^(HTTP\/1\.1 (400|501) [^]*)?$/);
    expect(received.join('')).not.toContain('smuggled');
  });

  it('cannot have many requests open on one connection', async () => {
    const { socketPath } = await open(named());
    let connections = 0;
    serveTcp = (socket) => {
      connections += 1;
      socket.resume();
    };
    const { ended } = await rawClient(socketPath, `GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(500));
    expect(await ended).toBe('');
    expect(connections).toBeLessThanOrEqual(1);
  });

  it.each([
    ['no version', '\x05\x01\x00\x04\x01\x00\x01\x7f\x00\x00\x01\x00\x50', 1],
    ['BIND', '\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50', 7],
    ['UDP', '\x05\x01\x00\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50', 7],
    ['no type of address', '\x05\x01\x00\x05\x01\x00\x02\x7f\x00\x00\x01\x00\x50', 8],
    ['an empty name', '\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50', 2],
    ['a name with a zero byte', '\x05\x01\x00\x05\x01\x00\x03\x05a\x00b.c\x00\x50', 2],
    ['port 0', '\x05\x01\x00\x05\x01\x00\x03\x04a.bc\x00\x00', 2],
  ])('gets a reply of SOCKS for %s', async (_, sent, reply) => {
    const { socketPath } = await open(named());
    const { ended } = await rawClient(socketPath, Buffer.from(sent, 'latin1'));
    expect((await ended).slice(2)).toBe(`\x05${String.fromCharCode(reply)}\x00\x01\x00\x00\x00\x00\x00\x00`);
  });

  it('gets no tunnel where it wants to say who it is', async () => {
    const { socketPath } = await open(named());
    expect(await (await rawClient(socketPath, Buffer.of(5, 1, 2))).ended).toBe('\x05\xff');
    expect(await (await rawClient(socketPath, Buffer.of(5, 0))).ended).toBe('\x05\xff');
  });

  it.each([
    ['SOCKS 4', '\x04\x01\x00\x50\x7f\x00\x00\x01\x00'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a head without end', `GET http://x/${'x'.repeat(100_000)}`],
  ])('gets nowhere with %s', async (_, sent) => {
    const world = await open(named());
    expect(await (await rawClient(world.socketPath, Buffer.from(sent, 'latin1'))).ended).toMatch(/^(HTTP\/1\.1 4\d\d [^]*)?$/);
    expect(await answers(world)).toBe(true);
  });

  it('cannot go on with a body that nobody wants', async () => {
    const { socketPath } = await open({ allow: ['example.com'] });
    const client = await rawClient(socketPath, 'POST http://evil.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    flood(client.socket, Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`));
    expect(await client.until('network.allow')).toMatch(/^HTTP\/1\.1 403 /);
    await client.ended;
  });

  it('sees why it was refused, also when it looks only after it has sent everything', async () => {
    const { socketPath } = await open({ allow: ['example.com'] });
    for (const connection of ['close', 'keep-alive']) {
      const { socket, until } = await rawClient(socketPath);
      socket.pause();
      socket.write(`POST http://evil.test/ HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\nContent-Length: ${20 * 2 ** 20}\r\n\r\n`);
      await new Promise<void>((resolve, reject) => {
        socket.write(Buffer.alloc(20 * 2 ** 20), (failed) => (failed ? reject(failed) : resolve()));
      });
      socket.resume();
      expect(await until('network.allow')).toMatch(/^HTTP\/1\.1 403 /);
      socket.destroy();
    }
  });

  it('fills no log', async () => {
    const { fetch, refused } = await open({ allow: ['example.com'] });
    for (let count = 0; count < 150; count += 1) {
      await fetch('http://evil.test/');
      await fetch(`http://evil${count}.test/`);
    }
    expect(refused).toHaveLength(100);
    expect(new Set(refused).size).toBe(100);
  });

  it('has a limit of connections, which others do not feel', async () => {
    const world = await open(named({ limits: { connections: 50 } }));
    const other = await open(named());
    const held = await Promise.all(Array.from({ length: 50 }, () => rawClient(world.socketPath)));
    for (let batch = 0; batch < 20; batch += 1) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => rawClient(world.socketPath).catch(() => null)));
      expect(await answers(other)).toBe(true);
      for (const client of clients) expect(client === null ? '' : await client.ended).toBe('');
    }
    for (const { socket } of held) socket.destroy();
    await vi.waitFor(async () => expect(await answers(world)).toBe(true));
  }, 60_000);
});

/** Writes for as long as it can. */
function flood(socket: Socket, chunk: Buffer): void {
  const feed = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', feed).on('error', () => {});
  feed();
}
