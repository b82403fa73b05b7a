import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineSocket } from './docker-world.ts';

/** A socket in front of the engine, which fails as an engine does that is restarted. */
export interface EngineProxy {
  /** `unix:///…` */
  readonly address: string;
  /** What was sent to the engine, but for what goes into containers. */
  sent(): string;
  /** Breaks all connections off; new ones are taken. */
  cut(): void;
  /** Breaks all connections off, and nobody listens any more: the engine is away. */
  stop(): Promise<void>;
  /** From now on, connections are taken and nothing is answered. */
  stall(): void;
  /** Listens, and passes on. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const enginePath = engineSocket.replace(/^unix:\/\//, '');

/** Not listening yet. */
export async function createEngineProxy(): Promise<EngineProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-engine-'));
  const path = join(folder, 'engine.sock');
  const connections = new Set<Socket>();
  const sent: Buffer[] = [];
  let isStalled = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = createConnection({ path: enginePath, allowHalfOpen: true });
    let isRecorded = true;
    for (const socket of [client, engine]) {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket)).on('error', () => undefined);
    }
    client.on('data', (chunk: Buffer) => {
      if (isRecorded) sent.push(chunk);
      // behind this request comes what a container reads
      if (chunk.includes('Upgrade: tcp')) isRecorded = false;
      if (!isStalled) engine.write(chunk);
    });
    engine.on('data', (chunk: Buffer) => {
      if (isStalled || client.write(chunk)) return;
      engine.pause();
      client.once('drain', () => engine.resume());
    });
    client.once('end', () => engine.end()).once('close', () => engine.destroy());
    engine.once('end', () => client.end()).once('close', () => client.destroy());
  });
  const cut = (): void => {
    for (const socket of connections) socket.destroy();
  };
  const stop = async (): Promise<void> => {
    cut();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    address: `unix://${path}`,
    sent: () => Buffer.concat(sent).toString('utf8'),
    ...{ cut, stop },
    stall: () => void (isStalled = true),
    async start() {
      isStalled = false;
      if (!server.listening) await new Promise<void>((resolve) => server.listen(path, resolve));
    },
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
