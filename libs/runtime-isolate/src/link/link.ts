import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { encodeFrame, frameReader } from './frames.ts';

/** One end of the pipe between worker and sandbox process. */
export interface Link<Out> {
  send(message: Out, body?: Buffer | null): void;
}

/**
 * Speaks over a socket. What is sent within one turn of the event loop leaves in one write.
 *
 * @param fail called once when the peer broke the protocol, or when a handler threw
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the messages of both directions
export function openLink<In, Out>(
  socket: Socket,
  options: {
    readonly mostBytes: number;
    readonly take: (message: In, body: Buffer) => void;
    readonly fail: (cause: unknown) => void;
  },
): Link<Out> {
  let broken = false;
  const read = frameReader(options.mostBytes, ({ header, body }) => {
    if (!broken) options.take(JSON.parse(header) as In, body); // the peer's own messages; what matters is checked where it is used
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (cause) {
      broken = true;
      options.fail(cause);
    }
  });
  let corked = false;
  return {
    send(message, body = null) {
      if (!socket.writable) return;
      if (!corked) {
        corked = true;
        socket.cork();
        process.nextTick(() => {
          corked = false;
          socket.uncork();
        });
      }
      for (const part of encodeFrame(JSON.stringify(message), body)) socket.write(part);
    },
  };
}
