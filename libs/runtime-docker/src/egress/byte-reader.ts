import type { Socket } from 'node:net';

/** Takes a socket's bytes by number, and leaves the rest to whoever reads on. */
export interface ByteReader {
  /** Exactly so many. Null: the socket has ended before. */
  take(count: number): Promise<Buffer | null>;
  release(): void;
}

export function byteReader(socket: Socket): ByteReader {
  let wake = (): void => {};
  const stir = (): void => wake();
  // One listener for all of it: a new one for each turn would be called at once as long as anything is there, for ever.
  const events = ['readable', 'end', 'close'];
  for (const event of events) socket.on(event, stir);
  return {
    async take(count) {
      if (count === 0) return Buffer.alloc(0);
      for (;;) {
        const bytes = socket.read(count) as Buffer | null; // a socket without encoding gives buffers
        if (bytes?.byteLength === count) return bytes;
        if (bytes !== null || socket.readableEnded || socket.destroyed) return null;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    release() {
      for (const event of events) socket.removeListener(event, stir);
    },
  };
}
