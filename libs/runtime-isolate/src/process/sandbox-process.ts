import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { ExosphereError } from '@exosphere/model';
import { openLink } from '../link/link.ts';
import type { CellOptions, FromSandbox, ToSandbox, WorkerAsk } from '../link/messages.ts';
import { mostFrameBytes, refusedToStart } from '../link/sandbox-contract.ts';
import type { StartOptions } from './start-process.ts';
import { startProcess } from './start-process.ts';

/** Why work in a process was lost. */
export interface Loss {
  readonly reason: 'crash' | 'memory' | 'timeout' | 'cancelled';
  readonly message: string;
}

/** What hears of a call. */
export interface CallSink {
  replies(body: Buffer): void;
  ask(op: number, ask: WorkerAsk, body: Buffer): void;
  /** The guest heard that time is up; its cell is gone. */
  expired(): void;
  /** The cell or the whole process is gone. */
  lost(loss: Loss): void;
}

/** One sandbox process, seen from the worker. */
export interface SandboxProcess {
  readonly pid: number;
  /** Settles when it can work; fails with `runtime-unavailable` and its own sentence where it cannot. */
  readonly ready: Promise<void>;
  readonly ended: Promise<Loss>;
  readonly alive: () => boolean;
  loadSatellite(satellite: { readonly digest: string; readonly bundle: string; readonly memoryMiB: number }): void;
  openCell(options: CellOptions): number;
  closeCell(cell: number): void;
  /** Starts a call in a cell that has none; gives its number. */
  call(cell: number, payload: Buffer, sink: CallSink): number;
  expire(cell: number, call: number): void;
  answer(cell: number, op: number, message: Extract<ToSandbox, { kind: 'answer' }>['answer'], bytes: Buffer | null): void;
  endCall(cell: number): void;
  kill(loss: Loss): void;
}

const mostErrorText = 4_096;

interface Running {
  readonly call: number;
  readonly sink: CallSink;
}

/** Starts a process. */
export function openSandboxProcess(options: StartOptions & { readonly guest: Buffer }): SandboxProcess {
  const child = startProcess(options);
  const socket = child.stdio[3] as Socket; // a pipe of `stdio` is a socket
  const running = new Map<number, Running>();
  const sent = new Set<string>();
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Loss>();
  let errorText = '';
  let killed: Loss | null = null;
  let alive = true;
  let last = 0;

  const kill = (loss: Loss): void => {
    killed ??= loss;
    child.kill('SIGKILL');
  };

  const finish = (loss: Loss): void => {
    if (!alive) return;
    alive = false;
    socket.destroy();
    ready.reject(new ExosphereError('runtime-unavailable', loss.message, { retryable: true }));
    for (const { sink } of [...running.values()]) sink.lost(loss);
    running.clear();
    ended.resolve(loss);
  };

  const take = (message: FromSandbox, body: Buffer): void => {
    switch (message.kind) {
      case 'ready':
        ready.resolve();
        return;
      case 'replies':
        [...running.values()].find(({ call }) => call === message.call)?.sink.replies(body);
        return;
      case 'ask':
        running.get(message.cell)?.sink.ask(message.op, message.ask, body);
        return;
      case 'expired':
        [...running.values()].find(({ call }) => call === message.call)?.sink.expired();
        return;
      case 'lost':
        running.get(message.cell)?.sink.lost({ reason: message.reason, message: message.message });
    }
  };

  const link = openLink<FromSandbox, ToSandbox>(socket, {
    mostBytes: mostFrameBytes,
    take,
    fail: (cause) => kill({ reason: 'crash', message: `The sandbox process broke the protocol: ${String(cause)}.` }),
  });
  socket.on('error', () => kill({ reason: 'crash', message: 'The pipe to the sandbox process broke.' }));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errorText = (errorText + text).slice(-mostErrorText)));
  child.on('error', (cause) => finish({ reason: 'crash', message: `The sandbox process could not be started: ${cause.message}.` }));
  child.on('close', (code, signal) => finish(killed ?? lossOf(code, signal, errorText)));
  ready.promise.catch(() => {}); // who starts a call awaits it; a process that nobody waits for is known by `ended`
  link.send({ kind: 'guest' }, options.guest);

  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    ended: ended.promise,
    alive: () => alive && killed === null,
    loadSatellite({ digest, bundle, memoryMiB }) {
      if (sent.has(digest)) return;
      sent.add(digest);
      link.send({ kind: 'satellite', satellite: digest, memoryMiB }, Buffer.from(bundle));
    },
    openCell(cellOptions) {
      const cell = (last += 1);
      link.send({ kind: 'open', cell, options: cellOptions });
      return cell;
    },
    closeCell: (cell) => link.send({ kind: 'close', cell }),
    call(cell, payload, sink) {
      const call = (last += 1);
      running.set(cell, { call, sink });
      link.send({ kind: 'call', cell, call }, payload);
      return call;
    },
    expire: (cell, call) => link.send({ kind: 'expire', cell, call }),
    answer: (cell, op, answer, bytes) => link.send({ kind: 'answer', cell, op, answer }, bytes),
    endCall: (cell) => void running.delete(cell),
    kill,
  };
}

function lossOf(code: number | null, signal: NodeJS.Signals | null, errorText: string): Loss {
  const said = errorText.trim();
  if (code === refusedToStart) return { reason: 'crash', message: said };
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
  const memory = /out of memory|allocation failed|heap limit|memory limit|catastrophic/i.test(said);
  const why = /(?:FATAL ERROR|isolate lost|Error)[^\n]*/.exec(said)?.[0];
  return {
    reason: memory ? 'memory' : 'crash',
    message: `The sandbox process ended ${how}${why === undefined ? '' : `: ${why.slice(0, 300)}`}.`,
  };
}
