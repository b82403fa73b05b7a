import { Buffer } from 'node:buffer';
import type { JsonObject } from '@exosphere/model';
import type { BlobStore, CallEnd, SatelliteCall, SatelliteReply } from '@exosphere/ports';
import type { WorkerAsk } from '../link/messages.ts';
import { callPayload } from './call-payload.ts';
import { EmittedLists } from './emitted-lists.ts';
import { CallFiles, askFailureOf } from './file-asks.ts';
import type { Report } from './replies.ts';
import { BrokenReport, objectsOf, readReports } from './replies.ts';
import type { CallProgress } from './request-progress.ts';
import { createCallProgress } from './request-progress.ts';
import type { CallSink, Loss, SandboxProcess } from './sandbox-process.ts';

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
  /** Requests that had no part in how it ended, and may be run again in the same attempt: the call was stopped for others. */
  readonly again: readonly number[];
}

/** How long a process may take to say that a guest heard that its time is up, before it is killed. */
const hearingMs = 150;
/** Log records beyond a guest's own limit: only a guest that went around it sends more. */
const mostLogRecords = 2_000;

/**
 * Runs one call in a cell and reports as it goes. Never throws for what the satellite does; throws what the `events` throw, after the
 * guest was stopped.
 */
export function runCall(free: FreeCell, call: SatelliteCall, surroundings: CallSurroundings): Promise<EndedCall> {
  return new CallRun(free, call, surroundings).result.promise;
}

type EmitAsk = Extract<WorkerAsk, { name: 'emit' }>;
type FileAsk = Exclude<WorkerAsk, { name: 'emit' }>;

class CallRun implements CallSink {
  readonly result = Promise.withResolvers<EndedCall>();
  readonly #free: FreeCell;
  readonly #call: SatelliteCall;
  readonly #signal: AbortSignal;
  readonly #files: CallFiles;
  readonly #progress: CallProgress;
  readonly #parts = new Map<number, JsonObject[]>();
  readonly #emitted = new EmittedLists();
  readonly #logged = new Map<number, number>();
  readonly #number: number;
  /** Set when the guest was told that time is up: why, and for which requests. */
  #stopping: { readonly loss: Loss; readonly due: readonly number[] } | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** What the worker's own events threw. */
  #failure: Error | null = null;
  /** The request that was started last where they are not all started at once. */
  #waiting = -1;
  #ended = false;

  constructor(free: FreeCell, call: SatelliteCall, { blobs, project, preset, signal }: CallSurroundings) {
    this.#free = free;
    this.#call = call;
    this.#signal = signal;
    this.#files = new CallFiles(blobs, project);
    this.#progress = createCallProgress(call.requests.length, call.timeoutMs, performance.now());
    this.#number = free.process.call(free.cell, callPayload(call.requests, call.mode, preset), this);
    this.#watch();
    signal.addEventListener('abort', this.#cancel, { once: true });
    if (signal.aborted) this.#cancel();
  }

  replies(body: Buffer): void {
    this.#guarded(() => readReports(body.toString('utf8'), this.#call.requests.length).forEach((report) => this.#take(report)));
  }

  ask(op: number, ask: WorkerAsk, body: Buffer): void {
    if (this.#ended) return;
    if (ask.name === 'emit') void this.#emit(op, ask, body);
    else void this.#answerFile(op, ask, body);
  }

  /** The guest heard that time is up: who is over the limit is known, and its cell is gone. */
  expired(): void {
    if (this.#failure !== null && this.#stopping !== null) this.lost(this.#stopping.loss);
    this.#guarded(() => {
      if (this.#stopping === null) return;
      const { loss, due } = this.#stopping;
      const error = { message: loss.message, code: 'timeout', retryable: true, retryAfterMs: null };
      for (const index of due) if (this.#progress.isOpen(index)) this.#deliver(index, { kind: 'error', error, metrics: null });
      // Who was over the limit is known: the others were stopped with them, and what has not emitted anything can begin again.
      const others = loss.reason === 'timeout' ? this.#innocent() : [];
      if (others.length > 0 && others.length === this.#progress.open()) this.#end({ kind: 'done' }, { cellLives: false, again: others });
      else this.#end({ kind: 'lost', ...loss }, { cellLives: false, again: others });
    });
  }

  /** Those that can begin anew: they have emitted nothing, and may be repeated, or were never started. */
  #innocent(): readonly number[] {
    if (this.#call.repeatable === false) return this.#progress.unstarted();
    return this.#progress.openOnes().filter((index) => this.#emitted.taken(index) === null);
  }

  lost(loss: Loss): void {
    const again = loss.reason === 'cancelled' ? [] : this.#progress.unstarted();
    this.#end({ kind: 'lost', ...loss }, { cellLives: false, again });
  }

  #settle(finish: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#free.process.endCall(this.#free.cell);
    this.#files.close();
    finish();
  }

  #end(end: CallEnd, { cellLives, again }: { readonly cellLives: boolean; readonly again: readonly number[] }): void {
    this.#settle(() => {
      if (this.#failure === null) this.result.resolve({ end, cellLives, again });
      else this.result.reject(this.#failure);
    });
  }

  /** The worker itself failed: stop the guest, then hand the reason on. */
  #abandon(cause: unknown): void {
    this.#failure ??= cause instanceof Error ? cause : new BrokenReport(String(cause));
    this.#stop({ reason: 'cancelled', message: 'The worker could not take what the satellite gave.' }, []);
  }

  /** Only a guest that went around our side of it gets here: the process is not to be trusted any more. */
  #breakOff(cause: Error): void {
    this.#free.process.kill({ reason: 'crash', message: `The satellite's isolate broke the protocol: ${cause.message}.` });
  }

  #failed(cause: unknown): void {
    if (cause instanceof BrokenReport || cause instanceof SyntaxError) this.#breakOff(cause);
    else this.#abandon(cause);
  }

  #guarded(work: () => void): void {
    if (this.#ended || this.#failure !== null) return;
    try {
      work();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #take(report: Report): void {
    const { index } = report;
    if (report.kind === 'waiting') {
      this.#wait(index);
      return;
    }
    if (!this.#progress.isOpen(index)) {
      if (report.kind === 'log') return; // a record that was under way when its request ended
      throw new BrokenReport('a request was answered twice');
    }
    if (report.kind === 'log') this.#log(index, report.record);
    else if (report.kind === 'part') this.#addPart(index, report.objects);
    else this.#finishRequest(index, report.reply);
  }

  #wait(index: number): void {
    if (index <= this.#waiting) throw new BrokenReport('requests are started in their order, each once');
    this.#waiting = index;
    this.#progress.waiting(index, performance.now());
    this.#watch();
  }

  #addPart(index: number, objects: readonly JsonObject[]): void {
    const parts = this.#parts.get(index) ?? [];
    for (const object of objects) parts.push(object);
    this.#parts.set(index, parts);
  }

  #log(index: number, record: Extract<Report, { kind: 'log' }>['record']): void {
    const count = (this.#logged.get(index) ?? 0) + 1;
    if (count > mostLogRecords) throw new BrokenReport('more log records than a guest writes');
    this.#logged.set(index, count);
    this.#call.events.log(index, record);
  }

  /** The final answer waits for what was emitted before it. */
  #finishRequest(index: number, reply: SatelliteReply): void {
    const before = this.#parts.get(index);
    this.#parts.delete(index);
    const whole = reply.kind === 'objects' && before !== undefined ? { ...reply, objects: [...before, ...reply.objects] } : reply;
    const emitted = this.#emitted.taken(index);
    if (emitted === null) this.#deliver(index, whole);
    else void emitted.then(() => this.#guarded(() => this.#deliver(index, whole)));
  }

  #deliver(index: number, reply: SatelliteReply): void {
    if (!this.#progress.isOpen(index)) throw new BrokenReport('a request was answered twice');
    this.#progress.end(index);
    this.#call.events.reply(index, reply);
    if (this.#progress.open() === 0) this.#end({ kind: 'done' }, { cellLives: this.#stopping === null, again: [] });
  }

  async #emit(op: number, { index }: EmitAsk, body: Buffer): Promise<void> {
    try {
      await this.#emitted.add(index, () => this.#takeEmitted(index, body));
      this.#free.process.answer(this.#free.cell, op, { value: null }, null);
    } catch (cause) {
      this.#failed(cause);
    }
  }

  /** The clock of a request stands still while it waits for the worker, and begins anew with each list. */
  async #takeEmitted(index: number, body: Buffer): Promise<void> {
    const objects = objectsOf(JSON.parse(body.toString('utf8')));
    if (objects === null || !this.#progress.isOpen(index)) throw new BrokenReport('something was emitted that cannot be');
    this.#progress.hold(index);
    await this.#call.events.objects(index, objects);
    this.#progress.touch(index, performance.now());
    this.#watch();
  }

  async #answerFile(op: number, ask: FileAsk, body: Buffer): Promise<void> {
    const { process, cell } = this.#free;
    try {
      const { value, bytes } = await this.#files.answer(ask, body);
      process.answer(cell, op, { value }, bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (cause) {
      process.answer(cell, op, { failure: askFailureOf(cause) }, null);
    }
  }

  #stop(loss: Loss, due: readonly number[]): void {
    if (this.#stopping !== null || this.#ended) return;
    const { process, cell } = this.#free;
    this.#stopping = { loss, due };
    process.expire(cell, this.#number);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => process.kill(loss), hearingMs);
  }

  readonly #cancel = (): void => this.#stop({ reason: 'cancelled', message: 'The call was cancelled.' }, []);

  #watch(): void {
    const next = this.#progress.nextDue();
    if (next === null || this.#stopping !== null || this.#ended) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), Math.max(0, next - performance.now()));
  }

  #look(): void {
    const due = this.#progress.due(performance.now() + 1);
    if (due.length === 0) this.#watch();
    else this.#stop({ reason: 'timeout', message: `The satellite took longer than ${this.#call.timeoutMs} ms and was stopped.` }, due);
  }
}
