import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { SocketConstructorOpts } from 'node:net';
import { Socket } from 'node:net';

/** Where the protocol goes. */
export interface Output {
  /** False: it waits, and `onDrain` is called once it does not. */
  write(text: string): boolean;
  /** Set by who writes. */
  onDrain: () => void;
  /** Calls back once all of it is written. */
  end(done: () => void): void;
}

const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK;
/** Enough for most of what is written in one go, so that reading is seldom held back for it. */
const waitingBytes = 2 ** 20;

/**
 * Takes standard output for the protocol alone. Where it is a pipe, as in a container, descriptor 1 becomes another name of stderr, so
 * that native code and programs that are started print there, and half a line of theirs never mixes with an answer.
 */
export function takeOutput(): Output {
  const descriptor = moved();
  Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => process.stderr });
  const status = fstatSync(descriptor);
  return status.isFIFO() || status.isSocket() ? pipeOutput(descriptor) : fileOutput(descriptor);
}

function moved(): number {
  let own = 1;
  if (!fstatSync(1).isFIFO()) return own; // a socket cannot be opened again, and a file would be written at two places
  try {
    closeSync(openSync('/proc/self/fd/2', appending)); // it can be had a second time
    own = openSync('/proc/self/fd/1', appending);
  } catch {
    return own; // stderr is a socket, or the system has no /proc
  }
  closeSync(1);
  openSync('/proc/self/fd/2', appending); // gets the lowest number that is free: 1
  return own;
}

function pipeOutput(descriptor: number): Output {
  const options: SocketConstructorOpts & { readonly writableHighWaterMark: number } = {
    fd: descriptor,
    readable: false,
    writable: true,
    writableHighWaterMark: waitingBytes,
  };
  const socket = new Socket(options);
  const output: Output = {
    write: (text) => socket.write(text),
    onDrain: () => undefined,
    end: (done) => socket.end(done),
  };
  socket.on('drain', () => output.onDrain());
  socket.on('error', () => process.exit(0)); // the worker is gone: nobody reads on
  return output;
}

function fileOutput(descriptor: number): Output {
  return {
    write(text) {
      let rest = Buffer.from(text);
      while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
      return true;
    },
    onDrain: () => undefined,
    end: (done) => done(),
  };
}
