import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { systemCode } from './file-failure.ts';

/** A port on 127.0.0.1 that was free a moment ago. Somebody may be faster, so starting with it may fail. */
export async function freePort(): Promise<number> {
  const port = await listen(0);
  return port ?? (await freePort());
}

export async function portIsFree(port: number): Promise<boolean> {
  return (await listen(port)) !== null;
}

async function listen(port: number): Promise<number | null> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', (error) => (isTaken(error) ? resolve(null) : reject(error)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const bound = server.address() as AddressInfo; // of TCP, so an object
      server.close(() => resolve(bound.port));
    });
  });
}

function isTaken(error: Error): boolean {
  const code = systemCode(error);
  return code === 'EADDRINUSE' || code === 'EACCES';
}
