import { Buffer } from 'node:buffer';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { ExosphereError } from '@exosphere/model';
import type { Link } from '../link/link.ts';
import { openLink } from '../link/link.ts';
import type { Answer, CellOptions, FromSandbox, ToSandbox, WorkerAsk } from '../link/messages.ts';
import { mostFrameBytes } from '../link/sandbox-contract.ts';
import type { Loss } from './loss.ts';
import { lossOf } from './loss.ts';
import type { StartOptions } from './start-process.ts';
import { startProcess } from './start-process.ts';

export type { Loss } from './loss.ts';

/** What hears of a call. */
export interface CallSink {
  replies(body: Buffer): void;
  ask(op: number, ask: WorkerAsk, body: Buffer): void;
  /** The guest heard that time is up; its cell is gone. */
  expired(): void;
  /** The cell or the whole process is gone. */
  lost(loss: Loss): void;
}

const mostErrorText = 4_096;
const lastWordsMs = 1_000;
const mostStartMs = 30_000;

/** One sandbox process, seen from the worker. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #link: Link<ToSandbox>;
  /** By cell: a cell runs one call at a time. */
  readonly #running = new Map<number, { readonly call: number; readonly sink: CallSink }>();
  readonly #sent = new Set<string>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<Loss>();
  #errorText = '';
  #killed: Loss | null = null;
  #over = false;
  #last = 0;

  /** @param guest the code of the guest's side */
  constructor(options: StartOptions, guest: Buffer) {
    this.#child = startProcess(options);
    this.#socket = this.#child.stdio[3] as Socket; // a pipe of `stdio` is a socket
    this.#link = openLink<FromSandbox, ToSandbox>(this.#socket, {
      mostBytes: mostFrameBytes,
      take: (message, body) => this.#take(message, body),
      fail: (cause) => this.kill({ reason: 'crash', message: `The sandbox process broke the protocol: ${String(cause)}.` }),
    });
    this.#listen();
    this.#limitStart();
    this.#link.send({ kind: 'guest' }, guest);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Settles when it can work; fails with `runtime-unavailable` and the process's own sentence where it cannot. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get ended(): Promise<Loss> {
    return this.#ended.promise;
  }

  get alive(): boolean {
    return !this.#over && this.#killed === null;
  }

  /** Sends a satellite's code, once. */
  loadSatellite({ digest, bundle, memoryMiB }: { readonly digest: string; readonly bundle: string; readonly memoryMiB: number }): void {
    if (this.#sent.has(digest)) return;
    this.#sent.add(digest);
    this.#link.send({ kind: 'satellite', satellite: digest, memoryMiB }, Buffer.from(bundle));
  }

  openCell(options: CellOptions): number {
    const cell = (this.#last += 1);
    this.#link.send({ kind: 'open', cell, options });
    return cell;
  }

  closeCell(cell: number): void {
    this.#link.send({ kind: 'close', cell });
  }

  /** Starts a call in a cell that has none; gives its number. */
  call(cell: number, payload: Buffer, sink: CallSink): number {
    const call = (this.#last += 1);
    this.#running.set(cell, { call, sink });
    this.#link.send({ kind: 'call', cell, call }, payload);
    if (this.#over) void this.#ended.promise.then((loss) => sink.lost(loss)); // it ended before the call came
    return call;
  }

  endCall(cell: number): void {
    this.#running.delete(cell);
  }

  expire(cell: number, call: number): void {
    this.#link.send({ kind: 'expire', cell, call });
  }

  answer(cell: number, op: number, answer: Answer, bytes: Buffer | null): void {
    this.#link.send({ kind: 'answer', cell, op, answer }, bytes);
  }

  kill(loss: Loss): void {
    this.#killed ??= loss;
    this.#child.kill('SIGKILL');
  }

  #listen(): void {
    this.#socket.on('error', () => this.#pipeBroke());
    this.#child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.#errorText = (this.#errorText + text).slice(-mostErrorText)));
    this.#child.on('error', (cause) =>
      this.#finish({ reason: 'crash', message: `The sandbox process could not be started: ${cause.message}.` }),
    );
    this.#child.on('close', (code, signal) => this.#finish(this.#killed ?? lossOf(code, signal, this.#errorText)));
    this.#ready.promise.catch(() => {}); // who starts a call awaits it; a process that nobody waits for is known by `ended`
  }

  #limitStart(): void {
    const message = `The sandbox process did not start within ${mostStartMs / 1_000} s.`;
    const timer = setTimeout(() => this.kill({ reason: 'crash', message }), mostStartMs).unref();
    const stop = (): void => clearTimeout(timer);
    this.#ready.promise.then(stop, stop);
  }

  /** Most often the process is about to end and to say why: it is given a moment for that. */
  #pipeBroke(): void {
    setTimeout(() => this.kill({ reason: 'crash', message: 'The pipe to the sandbox process broke.' }), lastWordsMs).unref();
  }

  #take(message: FromSandbox, body: Buffer): void {
    switch (message.kind) {
      case 'ready':
        this.#ready.resolve();
        return;
      case 'replies':
        this.#sinkOf(message.call)?.replies(body);
        return;
      case 'expired':
        this.#sinkOf(message.call)?.expired();
        return;
      case 'ask':
        this.#running.get(message.cell)?.sink.ask(message.op, message.ask, body);
        return;
      case 'lost':
        this.#running.get(message.cell)?.sink.lost({ reason: message.reason, message: message.message });
    }
  }

  #sinkOf(call: number): CallSink | null {
    for (const running of this.#running.values()) if (running.call === call) return running.sink;
    return null;
  }

  #finish(loss: Loss): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#ready.reject(new ExosphereError('runtime-unavailable', loss.message, { retryable: true }));
    for (const { sink } of [...this.#running.values()]) sink.lost(loss);
    this.#running.clear();
    this.#ended.resolve(loss);
  }
}
