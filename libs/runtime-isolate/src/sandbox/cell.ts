import { Buffer } from 'node:buffer';
import { failureOf } from '../link/ask-failure.ts';
import type { Answer, CellOptions, FromSandbox, WorkerAsk } from '../link/messages.ts';
import { CellNetwork } from './cell-network.ts';
import { CellTimers } from './cell-timers.ts';
import type { GuestLink } from './guest-link.ts';
import { openGuest } from './guest-link.ts';
import type { LocalAsk } from './local-asks.ts';
import { answerLocally, isLocalAsk } from './local-asks.ts';
import type { WarmIsolate } from './warm-isolates.ts';

export type Tell = (message: FromSandbox, body?: Buffer) => void;

/** Asks that a guest may have open at once. */
const mostAsks = 20_000;

function bufferOf(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof ArrayBuffer ? Buffer.from(body) : undefined;
}

function asArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** A context for one run and step, with what the guest in it has under way. */
export class Cell {
  readonly #cell: number;
  readonly #tell: Tell;
  readonly #network: CellNetwork;
  readonly #timers = new CellTimers();
  readonly #asks = new Set<number>();
  #guest: GuestLink | null = null;
  #ended = false;

  constructor(cell: number, options: CellOptions, tell: Tell) {
    this.#cell = cell;
    this.#tell = tell;
    this.#network = new CellNetwork(options.network);
  }

  /** Opens its context. */
  async open(warm: WarmIsolate, { streams, limits, services }: CellOptions): Promise<void> {
    this.#guest = await openGuest(warm, { streams, limits, services }, (...message) => this.#take(message));
  }

  call(call: number, text: string): Promise<void> {
    return this.#deliver('call', call, text, null);
  }

  /** Tells the guest that time is up. Settles when it has heard it, which a guest in a loop never does. */
  expire(call: number): Promise<void> {
    return this.#deliver('expire', call, null, null);
  }

  answer(op: number, answer: Answer, bytes: Buffer): void {
    this.#settle(op, answer, bytes.byteLength === 0 ? null : asArrayBuffer(bytes));
  }

  close(): void {
    this.#end();
    this.#guest?.release();
  }

  #end(): void {
    this.#ended = true;
    this.#network.close();
    this.#timers.close();
  }

  #lose(cause: unknown): void {
    if (this.#ended) return;
    this.#end();
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#tell({ kind: 'lost', cell: this.#cell, reason: /memory/i.test(message) ? 'memory' : 'crash', message });
  }

  async #deliver(kind: string, id: number, text: string | null, bytes: ArrayBuffer | null): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#guest?.receive(kind, id, text, bytes);
    } catch (cause) {
      this.#lose(cause);
    }
  }

  #settle(op: number, answer: Answer, bytes: ArrayBuffer | null): void {
    if (this.#asks.delete(op)) void this.#deliver('answer', op, JSON.stringify(answer), bytes);
  }

  /** A message of the guest; what is not of the form that our side of it writes ends the cell. */
  #take([kind, id, text, body]: readonly unknown[]): void {
    if (this.#ended) return;
    try {
      if (typeof id !== 'number' || typeof text !== 'string') throw new RangeError('the guest sent something that is no message');
      if (kind === 'replies') this.#tell({ kind: 'replies', call: id }, Buffer.from(text));
      else if (kind === 'ask') this.#takeAsk(id, text, body);
      else throw new RangeError('the guest sent an unknown kind of message');
    } catch (cause) {
      this.#lose(cause);
    }
  }

  #takeAsk(op: number, text: string, body: unknown): void {
    if (this.#asks.size >= mostAsks) throw new RangeError(`more than ${mostAsks} operations were open at once`);
    const ask = JSON.parse(text) as LocalAsk | WorkerAsk; // a local ask is checked where it is answered, the others by the worker
    this.#asks.add(op);
    if (isLocalAsk(ask)) void this.#answerLocally(op, ask, body instanceof ArrayBuffer ? body : undefined);
    else this.#tell({ kind: 'ask', cell: this.#cell, op, ask }, bufferOf(body));
  }

  async #answerLocally(op: number, ask: LocalAsk, bytes: ArrayBuffer | undefined): Promise<void> {
    try {
      const value = await answerLocally(ask, bytes, { network: this.#network, timers: this.#timers });
      if (value instanceof Uint8Array) this.#settle(op, { value: null }, asArrayBuffer(value));
      else this.#settle(op, { value }, null);
    } catch (cause) {
      this.#settle(op, { failure: failureOf(cause, { code: 'network-failed', message: 'The request failed.' }) }, null);
    }
  }
}
