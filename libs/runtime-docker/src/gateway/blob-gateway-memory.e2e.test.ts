import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { BlobStore } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayWorld } from './testing/gateway-world.ts';
import { gatewayWorld, token } from './testing/gateway-world.ts';
import { watchMemory } from './testing/watched-memory.ts';

const gibibyte = 2 ** 30;
const chunkBytes = 65_536;
const authorization = `Authorization: Bearer ${token}`;
const zeros = Buffer.alloc(chunkBytes);

/** A store that makes and takes a gibibyte without keeping it, so that only the gateway's own memory shows. */
class PassingStore implements BlobStore {
  /** Is told of every chunk. */
  passed: (bytes: number) => void = () => {};
  given = 0;
  taken = 0;

  async read(): Promise<AsyncIterable<Uint8Array>> {
    return this.#content();
  }

  async write(_project: string, content: AsyncIterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      size += chunk.byteLength;
      this.taken += chunk.byteLength;
      this.passed(chunk.byteLength);
      hash.update(chunk);
      await setImmediate();
    }
    return { digest: `sha256:${hash.digest('hex')}`, size };
  }

  async has(): Promise<boolean> {
    return true;
  }

  async remove(): Promise<void> {}

  async *#content(): AsyncGenerator<Uint8Array> {
    for (let rest = gibibyte; rest > 0; rest -= chunkBytes) {
      this.given += chunkBytes;
      this.passed(chunkBytes);
      yield Buffer.from(zeros); // a buffer of its own, as a store gives them
    }
  }
}

describe('the memory of the blob gateway', () => {
  let store: PassingStore;
  let world: GatewayWorld;
  beforeEach(async () => {
    store = new PassingStore();
    world = await gatewayWorld(store);
  });
  afterEach(() => world.close());

  const shell = async (command: string): Promise<string> => {
    const program = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [output, [code]] = await Promise.all([text(program.stdout), once(program, 'close')]);
    expect(code).toBe(0);
    return output;
  };

  it('stays flat while a gibibyte goes up and down', async () => {
    const base = `curl -sS --unix-socket ${world.socketPath} -H '${authorization}'`;
    const growthOf = async (transfer: () => Promise<void>): Promise<number> => {
      const memory = watchMemory({ everyBytes: 16 * 2 ** 20 });
      store.passed = memory.passed;
      await transfer();
      return memory.growth();
    };
    const up = async (): Promise<void> => {
      const answer = await shell(`head -c ${gibibyte} /dev/zero | ${base} -X POST -H 'Expect:' -T - http://files/v1/files`);
      expect(JSON.parse(answer)).toMatchObject({ size: gibibyte });
    };
    const down = async (): Promise<void> => {
      expect(await shell(`${base} http://files/v1/files/sha256:${'0'.repeat(64)} | wc -c`)).toBe(`${gibibyte}\n`);
    };
    expect(await growthOf(up)).toBeLessThan(50 * 2 ** 20);
    expect(await growthOf(down)).toBeLessThan(50 * 2 ** 20);
  }, 300_000);

  it('does not read ahead of a slow client', async () => {
    const client = connect(world.socketPath);
    client.write(`GET /v1/files/sha256:${'0'.repeat(64)} HTTP/1.1\r\nHost: files\r\n${authorization}\r\n\r\n`);
    let read = 0;
    while (read < 16 * 2 ** 20) {
      const chunk: Buffer | null = client.read();
      read += chunk?.byteLength ?? 0;
      for (let turn = 0; turn < 20; turn += 1) await setImmediate(); // the gateway may do what it likes in between
      expect(store.given - read).toBeLessThan(2 * 2 ** 20);
    }
    client.destroy();
  });

  it('does not take more of an upload than the store does', async () => {
    const client = connect(world.socketPath);
    client.on('error', () => {});
    client.write(`POST /v1/files HTTP/1.1\r\nHost: files\r\n${authorization}\r\nContent-Length: ${gibibyte}\r\n\r\n`);
    let sent = 0;
    const send = (): void => void client.write(zeros, (failed) => failed ?? ((sent += chunkBytes), send()));
    send();
    while (store.taken < 16 * 2 ** 20) {
      await setImmediate();
      expect(sent - store.taken).toBeLessThan(2 * 2 ** 20);
    }
    client.destroy();
  });
});
