import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { Server as TcpServer, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rawClient } from '../gateway/testing/raw-client.ts';
import type { EgressWorld, WorldOptions } from './testing/egress-world.ts';
import { egressWorld, listening, lookupOf, replyIn, socksName, socksNumber } from './testing/egress-world.ts';

const run = promisify(execFile);

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: string;
}

let http: HttpServer;
let httpPort: number;
let tcp: TcpServer;
let tcpPort: number;
let seen: Seen[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let serveTcp: (socket: Socket) => void;
const worlds: EgressWorld[] = [];
const tcpSockets = new Set<Socket>();

beforeAll(async () => {
  http = createHttpServer((request, response) => answer(request, response));
  httpPort = await listening(http);
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
  seen = [];
  answer = (request, response) => {
    void text(request).then((body) => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders, body });
      response.setHeader('X-From', 'upstream').end(`got ${body.length}`);
    });
  };
  serveTcp = (socket) => socket.pipe(socket);
});
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
  for (const socket of tcpSockets) socket.destroy();
  tcpSockets.clear();
});

async function open(options: WorldOptions = {}): Promise<EgressWorld> {
  const endpoints = { web: `http://127.0.0.1:${httpPort}`, raw: `http://127.0.0.1:${tcpPort}`, ...options.endpoints };
  const world = await egressWorld({ ...options, endpoints });
  worlds.push(world);
  return world;
}

describe('a request with a whole URL', () => {
  it('goes to its host, and the answer comes back', async () => {
    const { fetch, refused } = await open();
    const response = await fetch(`http://127.0.0.1:${httpPort}/a/../b?c=d`, { method: 'POST', body: 'hello', headers: { 'X-Mine': '1' } });
    expect(response).toMatchObject({ status: 200, body: 'got 5', headers: { 'x-from': 'upstream' } });
    expect(seen).toEqual([expect.objectContaining({ method: 'POST', url: '/a/../b?c=d', body: 'hello' })]);
    expect(refused).toEqual([]);
  });

  it('is sent on with what is its own, and without what is of the connection or of the proxy', async () => {
    const { socketPath } = await open();
    const lines = [
      `GET http://127.0.0.1:${httpPort}/ HTTP/1.1`,
      ...[
        'Host: elsewhere.test',
        'Proxy-Authorization: Basic c2VjcmV0',
        'Proxy-Connection: keep-alive',
        'Connection: X-Hop, Content-Length',
      ],
      ...['X-Hop: 1', 'TE: trailers', 'Upgrade: h2c', 'Cookie: a', 'Cookie: b', 'x-CASE: Kept', 'Content-Length: 4', '', 'body'],
    ];
    const client = await rawClient(socketPath, lines.join('\r\n'));
    expect(await client.until('got 4')).toContain('HTTP/1.1 200 OK');
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/',
        headers: [
          ...['Host', `127.0.0.1:${httpPort}`, 'Cookie', 'a', 'Cookie', 'b', 'x-CASE', 'Kept'],
          ...['Connection', 'close', 'Content-Length', '4'],
        ],
        body: 'body',
      },
    ]);
    client.socket.destroy();
  });

  it('may come after another on the same connection, as many as there are', async () => {
    const { socketPath } = await open();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', onWarning);
    const head = `HTTP/1.1\r\nHost: x\r\n`;
    const client = await rawClient(socketPath);
    for (let size = 1; size <= 30; size += 1) {
      const chunk = `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
      client.socket.write(`PUT http://127.0.0.1:${httpPort}/ ${head}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`);
      await client.until(`got ${size}`);
    }
    client.socket.write(`POST http://127.0.0.1:${httpPort}/ ${head}\r\n`);
    await client.until('got 0');
    const framings = seen.map(({ headers }) => headers.slice(-2).join(': '));
    expect([new Set(framings.slice(0, 30)), framings[30]]).toEqual([new Set(['Transfer-Encoding: chunked']), 'Content-Length: 0']);
    client.socket.destroy();
    process.removeListener('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('gets the answer as it is: status, headers, no body where there is none', async () => {
    const { fetch, socketPath } = await open();
    answer = (request, response) => {
      response.sendDate = false;
      if (request.url === '/head') response.writeHead(200, 'Fine', ['Content-Length', '12', 'Set-Cookie', 'a', 'Set-Cookie', 'b']).end();
      else if (request.url === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      else response.writeHead(304, { etag: '"x"', connection: 'close, x-hop', 'x-hop': '1' }).end();
    };
    const head = await fetch(`http://127.0.0.1:${httpPort}/head`, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '12', 'set-cookie': ['a', 'b'] }, body: '' });
    expect(await fetch(`http://127.0.0.1:${httpPort}/redirect`)).toMatchObject({
      status: 302,
      headers: { location: 'http://127.0.0.1:1/' },
    });
    const { until, socket } = await rawClient(socketPath, `GET http://127.0.0.1:${httpPort}/other HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await until('\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 304 Not Modified\r\netag: "x"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=\d+\r\n\r\n$/,
    );
    socket.destroy();
  });

  it('gets what comes, as it comes, also after it has ended its side', async () => {
    const { socketPath } = await open();
    let more = (): void => {};
    answer = (_, response) => {
      response.write('first');
      more = () => response.end('second');
    };
    const { socket, until, ended } = await rawClient(socketPath, `GET http://127.0.0.1:${httpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.end();
    await until('first');
    more();
    expect(await ended).toMatch(/5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n$/);
  });

  it('is not taken for a whole answer when that breaks off', async () => {
    const { socketPath } = await open();
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      let cut = (): void => {};
      serveTcp = (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n4\r\nhalf\r\n`);
        cut = () => socket.destroy();
      };
      const { until, ended } = await rawClient(socketPath, `GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until('half');
      cut();
      expect(await ended).not.toContain('\r\n0\r\n');
    }
  });

  it('is not sent on whole when it breaks off', async () => {
    const { socketPath } = await open();
    let received = '';
    let isCut = false;
    serveTcp = (socket) => {
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      socket.once('close', () => (isCut = true));
      socket.once('end', () => socket.end());
    };
    const head = `POST http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`;
    const client = await rawClient(socketPath, head);
    await vi.waitFor(() => expect(received).toContain('half'));
    client.socket.destroy();
    await vi.waitFor(() => expect(isCut).toBe(true));
    expect(received).not.toContain('\r\n0\r\n');
  });

  it('goes where the environment sends it instead', async () => {
    const { fetch } = await open({
      allow: ['api.example.com'],
      endpoints: {
        'http://api.example.com/v1': `http://127.0.0.1:${httpPort}/base`,
        'https://api.example.com': `http://127.0.0.1:${httpPort}`,
      },
    });
    expect(await fetch('http://api.example.com/v1/x?y=1')).toMatchObject({ status: 200 });
    expect(await fetch('https://api.example.com/v2')).toMatchObject({ status: 200 });
    expect(seen.map(({ url, headers }) => [url, headers[1]])).toEqual([
      ['/base/v1/x?y=1'.replace('/v1', ''), `127.0.0.1:${httpPort}`],
      ['/v2', `127.0.0.1:${httpPort}`],
    ]);
  });

  it('gets a sentence when the host gives no answer', async () => {
    const { fetch, refused } = await open({
      endpoints: { closed: 'http://127.0.0.1:1', missing: 'http://missing.test' },
      lookup: lookupOf({}),
    });
    expect(await fetch('http://127.0.0.1:1/')).toMatchObject({ status: 502, body: "'127.0.0.1:1' cannot be reached: ECONNREFUSED.\n" });
    expect(await fetch('http://missing.test/')).toMatchObject({ status: 502, body: "'missing.test' cannot be reached: ENOTFOUND.\n" });
    for (const nonsense of [
      'nonsense\r\n\r\n',
      '',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ]) {
      serveTcp = (socket) => socket.end(nonsense);
      expect(await fetch(`http://127.0.0.1:${tcpPort}/`)).toMatchObject({
        status: 502,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      });
    }
    expect(refused).toEqual([]);
  });

  it('is told what the proxy takes when it is none', async () => {
    const { fetch } = await open();
    for (const path of ['/', '/v1/files', `//127.0.0.1:${httpPort}/`]) {
      expect(await fetch(path)).toMatchObject({ status: 400, body: expect.stringContaining('This is a proxy') });
    }
    expect(await fetch('*', { method: 'OPTIONS' })).toMatchObject({ status: 400 });
    const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
    expect(await fetch(`http://127.0.0.1:${httpPort}/`, { headers: upgrade })).toMatchObject({
      status: 501,
      body: 'A WebSocket goes through CONNECT.\n',
    });
    expect(seen).toEqual([]);
  });
});

describe('a tunnel', () => {
  it('is made by CONNECT, and carries both directions', async () => {
    const { connect } = await open();
    const { socket, until, ended } = await connect(`127.0.0.1:${tcpPort}`, 'first ');
    socket.write('second');
    expect(await until('second')).toBe('HTTP/1.1 200 Connection Established\r\n\r\nfirst second');
    socket.end();
    expect(await ended).toContain('first second');
  });

  it('is made by SOCKS with a name, an IPv4 and an IPv6 address', async () => {
    const six = createTcpServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    const sixPort = await listening(six, '::1');
    const lookup = lookupOf({ 'echo.test': ['127.0.0.1'] });
    const { socks } = await open({ endpoints: { a: `http://echo.test:${tcpPort}`, b: `http://[::1]:${sixPort}` }, lookup });
    for (const [address, port] of [
      [socksName('echo.test'), tcpPort],
      [socksName('ECHO.test'), tcpPort],
      [socksNumber(127, 0, 0, 1), tcpPort],
      [socksNumber(...Array.from({ length: 15 }, () => 0), 1), sixPort],
    ] as const) {
      const { socket, until } = await socks(address, port, 'hello');
      const received = await until('hello');
      expect(received.slice(2, 6)).toBe('\x05\x00\x00\x01');
      socket.destroy();
    }
    six.close();
  });

  it('is made by curl, as the documentation says', async () => {
    const { socketPath } = await open();
    const url = `http://127.0.0.1:${httpPort}/from-curl`;
    const { stdout } = await run('curl', ['-sS', '--noproxy', '', '--proxy', `socks5h://localhost${socketPath}`, '-d', 'hello', url]);
    expect(stdout).toBe('got 5');
    await expect(
      run('curl', ['-sS', '--noproxy', '', '--proxy', `socks5h://localhost${socketPath}`, 'http://127.0.0.1:9/']),
    ).rejects.toMatchObject({ code: 97 });
  });

  it('lets each side end alone', async () => {
    const { connect } = await open();
    let received = '';
    serveTcp = (socket) => {
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
      socket.once('end', () => socket.end(`I got ${received}`));
    };
    const first = await connect(`127.0.0.1:${tcpPort}`, 'all of it');
    first.socket.end();
    expect(await first.ended).toMatch(/I got all of it$/);
    let isHeard = false;
    serveTcp = (socket) => {
      socket.end('bye');
      socket.on('data', () => (isHeard = true));
    };
    const second = await connect(`127.0.0.1:${tcpPort}`);
    expect(await second.ended).toMatch(/bye$/);
    second.socket.end('still talking');
    await vi.waitFor(() => expect(isHeard).toBe(true));
  });

  it('ends on both sides when one is cut', async () => {
    const { connect } = await open();
    let upstream: Socket | null = null;
    serveTcp = (socket) => void (upstream = socket.resume());
    const one = await connect(`127.0.0.1:${tcpPort}`);
    await vi.waitFor(() => expect(upstream).not.toBeNull());
    (upstream as Socket | null)?.resetAndDestroy();
    await one.ended;
    await vi.waitFor(() => {
      one.socket.write('x');
      expect(one.socket.destroyed).toBe(true);
    });
  });

  it('leads to where the environment sends the host instead', async () => {
    const { connect, socks, refused } = await open({
      allow: ['api.example.com'],
      endpoints: { 'https://api.example.com': `https://127.0.0.1:${tcpPort}`, 'http://api.example.com': `https://127.0.0.1:${tcpPort}` },
    });
    expect(await (await connect('api.example.com:443', 'hello')).until('hello')).toContain('200 Connection Established');
    expect(replyIn((await socks(socksName('api.example.com'), 443)).received())).toBe(0);
    expect(await (await connect('api.example.com:80')).ended).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\n[^]*is among the endpoints; the client packages do\.\n$/,
    );
    expect(replyIn(await (await socks(socksName('api.example.com'), 80)).ended)).toBe(2);
    expect(refused).toEqual([
      expect.stringContaining(`the environment calls https://127.0.0.1:${tcpPort} in place of http://api.example.com`),
    ]);
  });

  it('says why there is none', async () => {
    const { connect, socks } = await open({
      endpoints: { closed: 'http://127.0.0.1:1', missing: 'http://missing.test' },
      lookup: lookupOf({}),
    });
    expect(await (await connect('127.0.0.1:1')).ended).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*'127\.0\.0\.1:1' cannot be reached: ECONNREFUSED\.\n$/,
    );
    expect(replyIn(await (await socks(socksNumber(127, 0, 0, 1), 1)).ended)).toBe(5);
    expect(replyIn(await (await socks(socksName('missing.test'), 80)).ended)).toBe(4);
    expect(await (await connect('no-port.test')).ended).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the server of a satellite', () => {
  it('is reached as http://server by every way, wherever it is at that time', async () => {
    let asked = 0;
    const server = async (): Promise<{ host: string; port: number }> => {
      asked += 1;
      return { host: '127.0.0.1', port: httpPort };
    };
    const { fetch, connect, socks, socketPath } = await open({ allow: [], server });
    expect(await fetch('http://server/v1/x', { method: 'POST', body: '{}' })).toMatchObject({ status: 200, body: 'got 2' });
    const get = 'GET /tunnel HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n';
    expect(await (await connect('server:80', get)).until('got 0')).toContain('200 OK');
    await (await socks(socksName('server'), 80, get)).until('got 0');
    const { stdout } = await run('curl', ['-sS', '--noproxy', '', '--proxy', `socks5h://localhost${socketPath}`, 'http://server/curl']);
    expect(stdout).toBe('got 0');
    expect(seen.map(({ url, headers }) => [url, headers[1]])).toEqual([
      ['/v1/x', 'server'],
      ['/tunnel', 'server'],
      ['/tunnel', 'server'],
      ['/curl', 'server'],
    ]);
    expect(asked).toBe(4);
    expect(await fetch(`http://127.0.0.1:${httpPort}/`)).toMatchObject({ status: 403 });
  });

  it('is said to be unreachable when it cannot be started', async () => {
    const { fetch, connect, socks } = await open({ server: () => Promise.reject(new TypeError('internals')) });
    expect(await fetch('http://server/')).toMatchObject({ status: 502, body: "'server' cannot be reached: the connection failed.\n" });
    expect(await (await connect('server:80')).ended).toMatch(/^HTTP\/1\.1 502 /);
    expect(replyIn(await (await socks(socksName('server'), 80)).ended)).toBe(4);
  });

  it('is not waited for any more when the proxy closes', async () => {
    let isAsked = false;
    const aborted: string[] = [];
    const world = await open({
      server: async ({ signal }) => {
        isAsked = true;
        await once(signal, 'abort');
        aborted.push('aborted');
        return { host: '127.0.0.1', port: httpPort };
      },
    });
    await rawClient(world.socketPath, 'GET http://server/ HTTP/1.1\r\nHost: server\r\n\r\n');
    await vi.waitFor(() => expect(isAsked).toBe(true));
    await world.close();
    worlds.pop();
    await vi.waitFor(() => expect(aborted).toEqual(['aborted']));
    expect(seen).toEqual([]);
  });
});

describe('the egress closes', () => {
  it('and cuts all that is open, and leaves no socket', async () => {
    const { socketPath, connect, socks, close } = await open();
    worlds.pop();
    expect((await stat(socketPath)).mode & 0o777).toBe(0o666);
    let upstreams = 0;
    serveTcp = (socket) => {
      upstreams += 1;
      socket.resume().once('close', () => (upstreams -= 1));
    };
    const clients = [
      await connect(`127.0.0.1:${tcpPort}`),
      await socks(socksNumber(127, 0, 0, 1), tcpPort),
      await rawClient(socketPath, `GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`),
      await rawClient(socketPath),
      await rawClient(socketPath, Buffer.of(5, 1)),
    ];
    await vi.waitFor(() => expect(upstreams).toBe(3));
    const listed = dirname(socketPath);
    const closing = close();
    await Promise.all(clients.map(({ ended }) => ended));
    await closing;
    for (const socket of tcpSockets) socket.end();
    await vi.waitFor(() => expect(upstreams).toBe(0));
    await expect(readdir(listed)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
