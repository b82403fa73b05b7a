import type { Answer, AnswerFailure } from '../link/messages.ts';
import { currentRequest, enterRequest } from './current-request.ts';

/** What the host hands in: two plain functions. */
export interface HostFunctions {
  send(kind: string, id: number, text: string, body?: ArrayBuffer | string): void;
  compute(name: string, text: string, bytes?: ArrayBuffer): string | ArrayBuffer;
}

/** What may be asked: a name and whatever goes with it. */
export type Question = { readonly name: string } & Readonly<Record<string, unknown>>;

/** What an ask gives: a JSON value, or bytes. */
export interface Answered {
  readonly value: unknown;
  readonly bytes: ArrayBuffer | null;
}

interface Waiting {
  readonly request: number;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: unknown) => void;
}

const { parse, stringify } = JSON;
const waiting = new Map<number, Waiting>();
const failures = new WeakMap<object, AnswerFailure>();
let host: HostFunctions | null = null;
let lastOp = 0;

export function connectHost(functions: HostFunctions): void {
  host = functions;
}

function connected(): HostFunctions {
  if (host === null) throw new TypeError('The host is not connected.');
  return host;
}

export function send(kind: string, id: number, text: string): void {
  connected().send(kind, id, text);
}

/** Asks the host (or the worker behind it) for something that takes time. */
export function ask(question: Question, body?: ArrayBuffer | string): Promise<Answered> {
  const op = (lastOp += 1);
  return new Promise((resolve, reject) => {
    waiting.set(op, { request: currentRequest(), resolve, reject });
    connected().send('ask', op, stringify(question), body);
  });
}

/** Asks, and does not care for the answer. */
export function tell(question: Question): void {
  connected().send('ask', (lastOp += 1), stringify(question));
}

/** What the host can compute at once. A text that begins with `!` is an error. */
export function compute(name: string, text: string, bytes?: ArrayBuffer): string | ArrayBuffer {
  return connected().compute(name, text, bytes);
}

/** Settles one ask. The microtasks that run after it belong to the request that asked: log records find their place by that. */
export function answerAsk(op: number, text: string, bytes: ArrayBuffer | null): void {
  const found = waiting.get(op);
  if (found === undefined) return;
  waiting.delete(op);
  enterRequest(found.request);
  const answer = parse(text) as Answer; // written by the host
  if ('failure' in answer) found.reject(errorOf(answer.failure));
  else found.resolve({ value: answer.value, bytes });
}

function errorOf(failure: AnswerFailure): Error {
  const error = failure.name === 'AbortError' ? new DOMException(failure.message, 'AbortError') : new TypeError(failure.message);
  failures.set(error, failure);
  // A library that wraps errors must see whether there is anything left to try.
  const { code, retryable } = failure;
  for (const [name, value] of Object.entries({ code, retryable })) {
    if (!(name in error)) Object.defineProperty(error, name, { value, enumerable: false });
  }
  return error;
}

/** What the host said of an error that it caused: its code, and whether it may be tried again. */
export function failureOf(error: unknown): AnswerFailure | null {
  return typeof error === 'object' && error !== null ? (failures.get(error) ?? null) : null;
}
