import { Buffer } from 'node:buffer';
import type { Answer, CellOptions, FromSandbox, WorkerAsk } from '../link/messages.ts';
import { failureOf } from '../link/ask-failure.ts';
import { openCellNetwork } from './cell-network.ts';
import { openCellTimers } from './cell-timers.ts';
import type { GuestLink } from './guest-link.ts';
import { openGuest } from './guest-link.ts';
import type { LocalAsk } from './local-asks.ts';
import { answerLocally, isLocalAsk } from './local-asks.ts';
import type { WarmIsolate } from './warm-isolates.ts';

/** A context for one run and step, with what the guest in it has under way. */
export interface Cell {
  call(call: number, text: string): Promise<void>;
  /** Tells the guest that time is up. Settles when it has heard it, which a guest in a loop never does. */
  expire(call: number): Promise<void>;
  answer(op: number, answer: Answer, bytes: Buffer): void;
  close(): void;
}

export type Tell = (message: FromSandbox, body?: Buffer) => void;

const mostAsks = 20_000;

function bufferOf(body: unknown): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof ArrayBuffer ? Buffer.from(body) : undefined;
}

function asArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

export async function openCell(cell: number, warm: WarmIsolate, options: CellOptions, tell: Tell): Promise<Cell> {
  const network = openCellNetwork(options.network);
  const timers = openCellTimers();
  const openAsks = new Set<number>();
  let guest: GuestLink | null = null;
  let ended = false;

  const end = (): void => {
    ended = true;
    network.close();
    timers.close();
  };

  const lose = (cause: unknown): void => {
    if (ended) return;
    end();
    const message = cause instanceof Error ? cause.message : String(cause);
    const reason = /memory/i.test(message) ? 'memory' : 'crash';
    tell({ kind: 'lost', cell, reason, message });
  };

  const deliver = async (kind: string, id: number, text: string | null, bytes: ArrayBuffer | null): Promise<void> => {
    if (ended) return;
    try {
      await guest?.receive(kind, id, text, bytes);
    } catch (cause) {
      lose(cause);
    }
  };

  const settle = (op: number, answer: Answer, bytes: ArrayBuffer | null): void => {
    if (openAsks.delete(op)) void deliver('answer', op, JSON.stringify(answer), bytes);
  };

  const answerAsk = async (op: number, ask: LocalAsk, bytes: ArrayBuffer | undefined): Promise<void> => {
    try {
      const value = await answerLocally(ask, bytes, { network, timers });
      if (value instanceof Uint8Array) settle(op, { value: null }, asArrayBuffer(value));
      else settle(op, { value }, null);
    } catch (cause) {
      settle(op, { failure: failureOf(cause, { code: 'network-failed', message: 'The request failed.' }) }, null);
    }
  };

  const takeAsk = (op: number, text: string, body: unknown): void => {
    if (openAsks.size >= mostAsks) {
      lose(new RangeError(`more than ${mostAsks} operations were open at once`));
      return;
    }
    const ask = JSON.parse(text) as LocalAsk | WorkerAsk; // a local ask is checked where it is answered, the others by the worker
    openAsks.add(op);
    if (isLocalAsk(ask)) void answerAsk(op, ask, body instanceof ArrayBuffer ? body : undefined);
    else tell({ kind: 'ask', cell, op, ask }, bufferOf(body));
  };

  /** Runs on messages of the guest; what is not of the form that our side of it writes ends the cell. */
  const take = (kind: unknown, id: unknown, text: unknown, body: unknown): void => {
    if (ended) return;
    try {
      if (typeof id !== 'number' || typeof text !== 'string') throw new RangeError('the guest sent something that is no message');
      if (kind === 'replies') tell({ kind: 'replies', call: id }, Buffer.from(text));
      else if (kind === 'ask') takeAsk(id, text, body);
      else throw new RangeError('the guest sent an unknown kind of message');
    } catch (cause) {
      lose(cause);
    }
  };

  const { streams, limits, services } = options;
  guest = await openGuest(warm, { streams, limits, services }, take);
  return {
    call: (call, text) => deliver('call', call, text, null),
    expire: (call) => deliver('expire', call, null, null),
    answer: (op, answer, bytes) => settle(op, answer, bytes.byteLength === 0 ? null : asArrayBuffer(bytes)),
    close() {
      end();
      guest?.release();
    },
  };
}
