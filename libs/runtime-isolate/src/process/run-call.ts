import { Buffer } from 'node:buffer';
import type { JsonObject } from '@exosphere/model';
import type { BlobStore, CallEnd, SatelliteCall, SatelliteReply } from '@exosphere/ports';
import type { WorkerAsk } from '../link/messages.ts';
import { callPayload } from './call-payload.ts';
import { askFailureOf, openCallFiles } from './file-asks.ts';
import type { Report } from './replies.ts';
import { BrokenReport, objectsOf, readReports } from './replies.ts';
import { createCallProgress } from './request-progress.ts';
import type { Loss, SandboxProcess } from './sandbox-process.ts';

/** A cell that runs no other call. */
export interface FreeCell {
  readonly process: SandboxProcess;
  readonly cell: number;
}

export interface CallSurroundings {
  readonly blobs: BlobStore;
  readonly project: string;
  /** Config values of a configured satellite. */
  readonly preset: JsonObject | null;
  readonly signal: AbortSignal;
}

/** How a call ended, and whether its cell can be used again. */
export interface EndedCall {
  readonly end: CallEnd;
  readonly cellLives: boolean;
}

/** How long a process may take to say that a guest heard that its time is up, before it is killed. */
const hearingMs = 150;
/** Log records beyond a guest's own limit: only a guest that went around it sends more. */
const mostLogRecords = 2_000;

/**
 * Runs one call in a cell and reports as it goes. Never throws for what the satellite does; throws what the `events` throw, after the
 * guest was stopped.
 */
export function runCall({ process, cell }: FreeCell, call: SatelliteCall, surroundings: CallSurroundings): Promise<EndedCall> {
  const { requests, mode, timeoutMs, events } = call;
  const { signal, preset } = surroundings;
  const result = Promise.withResolvers<EndedCall>();
  const files = openCallFiles(surroundings.blobs, surroundings.project);
  const progress = createCallProgress(requests.length, timeoutMs, performance.now());
  const parts = new Map<number, JsonObject[]>();
  /** Per request: the emitted lists that the worker has not taken yet, one behind the other. */
  const taking = new Map<number, Promise<void>>();
  const logged = new Array<number>(requests.length).fill(0);
  let stopping: { readonly loss: Loss; readonly due: readonly number[] } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;

  const settle = (finish: () => void): void => {
    if (ended) return;
    ended = true;
    if (timer !== null) clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    process.endCall(cell);
    files.close();
    finish();
  };

  const end = (callEnd: CallEnd, cellLives: boolean): void => settle(() => result.resolve({ end: callEnd, cellLives }));

  const lose = (loss: Loss): void => end({ kind: 'lost', ...loss }, false);

  /** The worker itself failed: stop the guest, hand the reason on. */
  const abandon = (cause: unknown): void => {
    settle(() => result.reject(cause instanceof Error ? cause : new BrokenReport(String(cause))));
    process.expire(cell, number);
  };

  const guarded = (work: () => void): void => {
    if (ended) return;
    try {
      work();
    } catch (cause) {
      if (cause instanceof BrokenReport || cause instanceof SyntaxError) breakOff(cause);
      else abandon(cause);
    }
  };

  const breakOff = (cause: Error): void => {
    process.kill({ reason: 'crash', message: `The satellite's isolate broke the protocol: ${cause.message}.` });
  };

  const deliver = (index: number, reply: SatelliteReply): void => {
    if (!progress.isOpen(index)) throw new BrokenReport('a request was answered twice');
    progress.end(index);
    events.reply(index, reply);
    if (progress.open() === 0) end({ kind: 'done' }, stopping === null);
  };

  const take = (report: Report): void => {
    const { index } = report;
    if (!progress.isOpen(index)) {
      if (report.kind === 'log') return; // a record that was under way when its request ended
      throw new BrokenReport('a request was answered twice');
    }
    if (report.kind === 'log') {
      logged[index] = (logged[index] ?? 0) + 1;
      if (logged[index] > mostLogRecords) throw new BrokenReport('more log records than a guest writes');
      events.log(index, report.record);
    } else if (report.kind === 'part') parts.set(index, [...(parts.get(index) ?? []), ...report.objects]);
    else finishRequest(index, report.reply);
  };

  /** The final answer waits for what was emitted before it. */
  const finishRequest = (index: number, reply: SatelliteReply): void => {
    const before = parts.get(index);
    parts.delete(index);
    const whole = reply.kind === 'objects' && before !== undefined ? { ...reply, objects: [...before, ...reply.objects] } : reply;
    const emitted = taking.get(index);
    if (emitted === undefined) deliver(index, whole);
    else void emitted.then(() => guarded(() => deliver(index, whole)));
  };

  const takeEmitted = async (index: number, body: Buffer): Promise<void> => {
    const objects = objectsOf(JSON.parse(body.toString('utf8')));
    if (objects === null || !progress.isOpen(index)) throw new BrokenReport('something was emitted that cannot be');
    progress.hold(index);
    await events.objects(index, objects);
    progress.touch(index, performance.now());
    watch();
  };

  const emit = async (op: number, ask: Extract<WorkerAsk, { name: 'emit' }>, body: Buffer): Promise<void> => {
    const before = taking.get(ask.index) ?? Promise.resolve();
    const next = before.then(() => takeEmitted(ask.index, body));
    const quiet = next.catch(() => {}); // the reason is handled below, by who awaits `next`
    taking.set(ask.index, quiet);
    try {
      await next;
      process.answer(cell, op, { value: null }, null);
    } catch (cause) {
      if (cause instanceof BrokenReport || cause instanceof SyntaxError) breakOff(cause);
      else abandon(cause);
    }
  };

  const answerFile = async (op: number, ask: Exclude<WorkerAsk, { name: 'emit' }>, body: Buffer): Promise<void> => {
    try {
      const { value, bytes } = await files.answer(ask, body);
      process.answer(cell, op, { value }, bytes === null ? null : bufferOf(bytes));
    } catch (cause) {
      process.answer(cell, op, { failure: askFailureOf(cause) }, null);
    }
  };

  const stop = (loss: Loss, due: readonly number[]): void => {
    if (stopping !== null || ended) return;
    stopping = { loss, due };
    process.expire(cell, number);
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => process.kill(loss), hearingMs);
  };

  const cancel = (): void => stop({ reason: 'cancelled', message: 'The call was cancelled.' }, []);

  const watch = (): void => {
    const next = progress.nextDue();
    if (next === null || stopping !== null || ended) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(
      () => {
        const due = progress.due(performance.now() + 1);
        if (due.length === 0) watch();
        else stop({ reason: 'timeout', message: `The satellite took longer than ${timeoutMs} ms and was stopped.` }, due);
      },
      Math.max(0, next - performance.now()),
    );
  };

  /** Time is up and the guest heard it: who is over the limit is known, and its cell is gone. */
  const expired = (): void => {
    if (stopping === null) return;
    const { loss, due } = stopping;
    const error = { message: loss.message, code: 'timeout', retryable: true, retryAfterMs: null };
    for (const index of due) if (progress.isOpen(index)) deliver(index, { kind: 'error', error, metrics: null });
    lose(loss);
  };

  const number = process.call(cell, callPayload(requests, mode, preset), {
    replies: (body) => guarded(() => readReports(body.toString('utf8'), requests.length).forEach(take)),
    ask: (op, ask, body) => {
      if (ended) return;
      if (ask.name === 'emit') void emit(op, ask, body);
      else void answerFile(op, ask, body);
    },
    expired: () => guarded(expired),
    lost: lose,
  });
  watch();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  return result.promise;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
