import type { Satellite } from './contract.ts';
import { anyRequest, currentRequest, enterRequest, startRequest } from './current-request.ts';
import type { GuestOptions, ReceivedRequest } from './guest-request.ts';
import { GuestRequest } from './guest-request.ts';
import type { ReplyQueue } from './reply-queue.ts';
import { createReplyQueue } from './reply-queue.ts';
import type { LogLevel } from './reply.ts';
import { nextTurn } from './web/timers.ts';

/** Runs the requests of one call after another call; one call is open at a time. */
export interface Dispatcher {
  call(id: number, text: string): void;
  expire(id: number): void;
  /** A record of `console`, which knows no request. */
  log(level: LogLevel, message: string): void;
}

interface Call {
  readonly id: number;
  readonly requests: readonly GuestRequest[];
  readonly queue: ReplyQueue;
}

/** @param satellite the default export of the bundle, or what went wrong when it was loaded */
export function createDispatcher(satellite: Satellite | { readonly fault: unknown }, options: GuestOptions): Dispatcher {
  let open: Call | null = null;

  return {
    call(id, text) {
      const { mode, requests: wires } = JSON.parse(text) as { mode: 'each' | 'batch'; requests: readonly ReceivedRequest[] }; // written by the worker
      const queue = createReplyQueue(id);
      const requests = wires.map((wire, index) => new GuestRequest({ call: id, queue, options }, index, wire));
      open = { id, requests, queue };
      if ('fault' in satellite) for (const request of requests) request.fail(satellite.fault);
      else if (mode === 'batch' && typeof satellite.runBatch === 'function') void runBatch(satellite, requests);
      else void runEach(satellite, requests, queue);
    },
    expire(id) {
      if (open?.id !== id) return;
      for (const request of open.requests) request.expire();
      open.queue.flush();
    },
    log(level, message) {
      const known = currentRequest();
      const index = known >= 0 ? known : anyRequest();
      open?.requests[index]?.log.write(level, message, known >= 0 ? undefined : { shared: true });
    },
  };
}

/** How long requests are started one after another before what they gave leaves, and messages come in. */
const sliceMs = 20;

async function runEach(satellite: Satellite, requests: readonly GuestRequest[], queue: ReplyQueue): Promise<void> {
  let sliceEnd = Date.now() + sliceMs;
  let waited = false;
  for (const request of requests) {
    if (Date.now() > sliceEnd) {
      waited = true;
      queue.add(`[${request.index},"w"]`);
      enterRequest(-1);
      await nextTurn();
      sliceEnd = Date.now() + sliceMs;
    }
    runOne(satellite, request);
  }
  if (waited) queue.add(`[${requests.length},"w"]`);
  enterRequest(-1);
}

function runOne(satellite: Satellite, request: GuestRequest): void {
  startRequest(request.index);
  try {
    const returned = satellite.run(request.request, request.context);
    if (returned instanceof Promise) returned.then(request.succeed, request.fail);
    else if (isThenable(returned)) Promise.resolve(returned).then(request.succeed, request.fail);
    else request.succeed(returned);
  } catch (thrown) {
    request.fail(thrown);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

async function runBatch(satellite: Satellite, requests: readonly GuestRequest[]): Promise<void> {
  for (const { index } of requests) startRequest(index);
  try {
    const results: unknown = await satellite.runBatch?.(
      requests.map(({ request }) => request),
      requests.map(({ context }) => context),
    );
    if (!Array.isArray(results)) throw new TypeError('runBatch gives a list with one result for each request.');
    requests.forEach((request, index) => settleOfBatch(request, results[index]));
  } catch (thrown) {
    for (const request of requests) request.fail(thrown);
  }
}

function settleOfBatch(request: GuestRequest, result: unknown): void {
  if (Array.isArray(result)) request.succeed(result);
  else request.fail(result ?? new TypeError('The batch gave no result for this request.'));
}
