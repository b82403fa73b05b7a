import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { FromSandbox, ToSandbox } from '../link/messages.ts';
import { openLink } from '../link/link.ts';
import { mostFrameBytes, refusedToStart } from '../link/sandbox-contract.ts';

/*
 * Entry of a sandbox process. It has no environment, no standard input, and one pipe to its worker (file descriptor 3). When the pipe
 * closes, the worker is gone or wants no more of this process.
 */

function refuse(sentence: string): never {
  writeSync(2, `${sentence}\n`);
  process.exit(refusedToStart);
}

/** Ends at once: isolates may be in loops that a friendly exit would wait for. */
function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

function fatal(message: string): void {
  writeSync(2, `isolate lost: ${message}\n`);
  endNow();
}

if (!process.execArgv.includes('--no-node-snapshot')) {
  refuse('The sandbox process was started without --no-node-snapshot: V8 isolates crash it then. Start it with that option.');
}

const { Sandbox } = await import('./sandbox.ts').catch((cause: unknown) =>
  refuse(
    `The sandbox process cannot load isolated-vm: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}. ` +
      `It needs Node 24 (found ${process.version}, ABI ${process.versions.modules}) and the package isolated-vm 7.0.1.`,
  ),
);

const socket = new Socket({ fd: 3, readable: true, writable: true });
socket.on('close', endNow);
socket.on('error', endNow);

const handlers: { take: (message: ToSandbox, body: Buffer) => void } = { take: () => {} };
const link = openLink<ToSandbox, FromSandbox>(socket, {
  mostBytes: mostFrameBytes,
  take: (message, body) => handlers.take(message, body),
  fail: (cause) => fatal(String(cause)),
});
const sandbox = new Sandbox((message, body) => link.send(message, body), fatal);
handlers.take = (message, body) => sandbox.take(message, body);
link.send({ kind: 'ready' });
