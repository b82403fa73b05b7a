import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { Server as TcpServer, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WatchedMemory } from '../gateway/testing/watched-memory.ts';
import { watchMemory } from '../gateway/testing/watched-memory.ts';
import type { EgressWorld } from './testing/egress-world.ts';
import { egressWorld, listening } from './testing/egress-world.ts';

const size = 200 * 2 ** 20;
const chunkBytes = 65_536;

function* content(memory: WatchedMemory): Generator<Buffer> {
  for (let rest = size; rest > 0; rest -= chunkBytes) {
    memory.passed(chunkBytes);
    yield Buffer.alloc(chunkBytes);
  }
}

describe('the memory of the proxy', () => {
  let memory: WatchedMemory;
  let web: HttpServer;
  let webUrl: string;
  let tcp: TcpServer;
  let tcpPort: number;
  let serveTcp: (socket: Socket) => void;
  let world: EgressWorld;
  beforeAll(async () => {
    // GET gives 200 MiB, PUT takes any number of bytes and says how many.
    web = createHttpServer((asked, response) => {
      if (asked.method === 'GET') void pipeline(Readable.from(content(memory), { highWaterMark: 1 }), response).catch(() => {});
      let taken = 0;
      asked.on('data', (chunk: Buffer) => {
        taken += chunk.byteLength;
        memory.passed(chunk.byteLength);
      });
      if (asked.method === 'PUT') asked.once('end', () => response.end(`${taken}\n`));
    });
    webUrl = `http://127.0.0.1:${await listening(web)}/`;
    tcp = createTcpServer((socket) => serveTcp(socket.on('error', () => {})));
    tcpPort = await listening(tcp);
  });
  afterAll(() => {
    web.closeAllConnections();
    web.close();
    tcp.close();
  });
  beforeEach(async () => {
    world = await egressWorld({ endpoints: { web: webUrl, raw: `http://127.0.0.1:${tcpPort}` } });
  });
  afterEach(() => world.close());

  const shell = async (command: string): Promise<string> => {
    const program = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output, [code]] = await Promise.all([text(program.stdout), once(program, 'close')]);
    expect(code).toBe(0);
    return output;
  };

  it.each([
    ['a tunnel', () => `--noproxy '' --proxy socks5h://localhost${world.socketPath}`],
    ['a request', () => `--unix-socket ${world.socketPath} --request-target ${webUrl}`],
  ])(
    'stays flat while 200 MiB go down and up with %s',
    async (_, how) => {
      const curl = `curl -sS ${how()} -H 'Expect:'`;
      memory = watchMemory({ everyBytes: 4 * 2 ** 20 });
      expect(await shell(`${curl} ${webUrl} | wc -c`)).toBe(`${size}\n`);
      expect(memory.growth()).toBeLessThan(50 * 2 ** 20);
      memory = watchMemory({ everyBytes: 4 * 2 ** 20 });
      expect(await shell(`head -c ${size} /dev/zero | ${curl} -T - ${webUrl}`)).toBe(`${size}\n`);
      expect(memory.growth()).toBeLessThan(50 * 2 ** 20);
    },
    300_000,
  );

  it('does not fill up where the other side is slow', async () => {
    let given = 0;
    serveTcp = (socket) => {
      const feed = (): void => {
        while (socket.write(Buffer.alloc(chunkBytes), () => (given += chunkBytes)));
      };
      socket.on('drain', feed).resume();
      feed();
    };
    const client = connect(world.socketPath).on('error', () => {});
    client.write(`CONNECT 127.0.0.1:${tcpPort} HTTP/1.1\r\nHost: x\r\n\r\n`);
    let read = 0;
    while (read < 32 * 2 ** 20) {
      const chunk = client.read() as Buffer | null;
      read += chunk?.byteLength ?? 0;
      for (let turn = 0; turn < 20; turn += 1) await setImmediate();
      expect(given - read).toBeLessThan(16 * 2 ** 20); // most of it is what the kernel holds of a TCP connection
    }
    client.destroy();
  });
});
