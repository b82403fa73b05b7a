import type { JsonObject } from '@exosphere/model';
import type { SatelliteError, SatelliteReply, SatelliteRequest } from '@exosphere/ports';
import { Container } from '../container/container.ts';
import type { OnStep } from '../container/container.ts';
import type { Ending } from '../container/ending.ts';
import { stoppedEnding } from '../container/ending.ts';
import type { Home } from '../container/home.ts';
import { Noise } from '../container/noise.ts';
import type { Engine } from '../engine/engine.ts';
import type { SealedContainer } from '../profile/sealed.ts';
import { nonceIn, printedObject, readAnswer, tooLarge } from '../protocol/answer.ts';
import type { Answer } from '../protocol/answer.ts';
import type { Surroundings } from '../protocol/request-line.ts';
import { newKeys, onceLine } from '../protocol/request-line.ts';
import { listWeight, weightOf } from '../protocol/weight.ts';
import { LineSplitter } from '../stream/line-splitter.ts';
import type { Source } from '../stream/demultiplexer.ts';
import type { LogBudget } from './log-budget.ts';
import { failedReply } from './failed-reply.ts';

export type OnceOutcome = { readonly kind: 'replied'; readonly reply: SatelliteReply } | { readonly kind: 'cancelled' };

export interface OnceRunOptions {
  readonly engine: Engine;
  readonly sealed: SealedContainer;
  readonly request: SatelliteRequest;
  readonly home: Home;
  readonly surroundings: Surroundings;
  readonly preset: JsonObject;
  readonly timeoutMs: number;
  /** Null: the list is handed on as a whole. */
  readonly onObjects: ((objects: readonly JsonObject[]) => Promise<void>) | null;
  readonly log: LogBudget;
  readonly onStep: OnStep;
  readonly signal: AbortSignal;
}

const lineBytes = 64 * 2 ** 20 + 1024;
/** To find that a line cannot be read is more work than to read it: it counts so much of a flood at least. */
const unreadableBytes = 256;
/** Streamed objects are handed on so many at a time, and sooner where they weigh as much as this. */
const streamedAtOnce = 100;
const streamedWeight = 4 * 2 ** 20;
/** Of what is printed while objects are handed on, so much is kept; with more, the container waits. */
const heldWeight = 64 * 2 ** 20;
const graceMs = 2_000;

/** One execution in a container of its own: a plain program that prints an object a line. */
export class OnceRun {
  readonly #options: OnceRunOptions;
  readonly #nonce: string;
  readonly #filesToken: string;
  readonly #noise: Noise;
  readonly #splitters: Readonly<Record<Source, LineSplitter>>;
  #objects: JsonObject[] = [];
  #weight = 0;
  #reply: SatelliteReply | null = null;
  #metrics: JsonObject | null = null;
  #container: Container | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopping: 'timeout' | 'cancelled' | 'thrown' | null = null;
  #taking: Promise<void> | null = null;
  #thrown: { readonly error: unknown } | null = null;

  constructor(options: OnceRunOptions) {
    this.#options = options;
    const keys = newKeys();
    this.#nonce = keys.nonce;
    this.#filesToken = keys.filesToken;
    this.#noise = new Noise({
      onLine: (line) => options.log.noise(line, false),
      onFlood: () => this.#refuse({ code: 'output-flood', message: 'The container printed more than 64 MiB that is no answer.' }),
    });
    const stderr = { wants: () => false, line: () => undefined, overlong: () => undefined };
    this.#splitters = {
      stdout: new LineSplitter(
        {
          wants: (beginning) => beginning.toString('latin1').trimStart().startsWith('{'),
          line: (text, bytes) => this.#line(text, bytes),
          noise: (text, isLast, bytes) => this.#noise.take('stdout', text, { isLast, bytes }),
          overlong: () =>
            this.#refuse({ code: 'output-too-large', message: 'An object has more than 64 MiB; put large values into a file.' }),
        },
        lineBytes,
      ),
      stderr: new LineSplitter({ ...stderr, noise: (text, isLast, bytes) => this.#noise.take('stderr', text, { isLast, bytes }) }, 0),
    };
  }

  /** @throws what the taking of its objects throws; ExosphereError as `Engine` does */
  async outcome(): Promise<OnceOutcome> {
    const { engine, sealed, signal, home, onStep } = this.#options;
    home.gateway.grant(this.#filesToken);
    const onOutput = (source: Source, content: Buffer): void => this.#splitters[source].push(content);
    try {
      this.#container = await Container.start({ engine, sealed, onOutput, onStep, signal });
    } catch (error) {
      if (signal.aborted) return { kind: 'cancelled' };
      throw error;
    }
    try {
      const ending = await this.#work(this.#container);
      if (this.#thrown !== null) throw this.#thrown.error;
      return this.#stopping === 'cancelled' ? { kind: 'cancelled' } : { kind: 'replied', reply: this.#replyAt(ending) };
    } finally {
      home.gateway.revoke(this.#filesToken);
    }
  }

  async #work(container: Container): Promise<Ending> {
    const { request, surroundings, preset, timeoutMs, signal } = this.#options;
    const onAbort = (): void => void this.#stop('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#startClock();
    container.write(onceLine(request, surroundings, { keys: { nonce: this.#nonce, filesToken: this.#filesToken }, preset, timeoutMs }));
    container.endInput();
    const ending = await container.ended;
    this.#stopClock();
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
    await this.#taking;
    if (this.#stopping === null && this.#options.onObjects !== null) await this.#takeAll(this.#options.onObjects);
    this.#stopClock();
    signal.removeEventListener('abort', onAbort);
    return ending;
  }

  #startClock(): void {
    this.#stopClock();
    this.#timer = setTimeout(() => void this.#stop('timeout'), this.#options.timeoutMs);
  }

  #stopClock(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #stop(why: 'timeout' | 'cancelled' | 'thrown'): Promise<void> {
    if (this.#stopping !== null) return;
    this.#stopping = why;
    this.#stopClock();
    await this.#container?.stop('SIGTERM', stoppedEnding('It was stopped.'), graceMs);
  }

  /** What is too much is so again at the next try. */
  #refuse(fault: Pick<SatelliteError, 'code' | 'message'>): void {
    this.#answerWith(failedReply({ ...fault, retryable: false }));
  }

  /** An answer that cannot be read may have been a bad day. */
  #unreadable(message: string): void {
    this.#answerWith(failedReply({ code: 'answer-unreadable', message }));
  }

  /** It is of no use any more. */
  #answerWith(reply: SatelliteReply): void {
    this.#reply ??= reply;
    this.#objects = [];
    void this.#container?.stop('SIGKILL', stoppedEnding('It was stopped for what it printed.'));
  }

  #line(text: string, bytes: number): void {
    if (this.#reply !== null) return this.#noise.count(bytes);
    const weight = weightOf(text);
    if (nonceIn(Buffer.from(text.slice(0, 128))) === this.#nonce) return this.#answer(readAnswer(text), weight);
    if (weight > listWeight) return this.#answerWith({ kind: 'error', error: tooLarge, metrics: null });
    const object = printedObject(text);
    if (object === null) return this.#noise.take('stdout', text, { isLast: true, bytes: Math.max(bytes, unreadableBytes) });
    this.#add([object], weight);
  }

  #answer(answer: Answer, weight: number): void {
    switch (answer.kind) {
      case 'log':
        this.#noise.count(weight);
        return this.#options.log.said(answer.record);
      case 'reply':
        if (answer.reply.kind === 'objects') this.#add(answer.reply.objects, weight);
        else this.#reply = answer.reply;
        if (answer.reply.kind !== 'later') this.#metrics = answer.reply.metrics ?? this.#metrics;
        return;
      case 'emit':
        return this.#add(answer.objects, weight);
      case 'heard':
        return;
      case 'too-large':
        return this.#answerWith({ kind: 'error', error: tooLarge, metrics: null });
      case 'results':
        return this.#unreadable("It answered one request with the 'results' of a batch.");
      case 'broken':
        return this.#unreadable(`The satellite's answer cannot be read: ${answer.fault}.`);
    }
  }

  #add(objects: readonly JsonObject[], weight: number): void {
    for (const object of objects) this.#objects.push(object);
    this.#weight += weight;
    const { onObjects } = this.#options;
    if (onObjects === null) {
      if (this.#weight > listWeight) this.#answerWith({ kind: 'error', error: tooLarge, metrics: null });
      return;
    }
    if (this.#stopping !== null) {
      this.#objects = [];
      return;
    }
    const isMuch = this.#objects.length >= streamedAtOnce || this.#weight >= streamedWeight;
    if (isMuch && this.#taking === null) this.#taking = this.#takeAll(onObjects);
    if (this.#weight > heldWeight) this.#container?.pause();
  }

  /** Hands on what is there, and what comes meanwhile; the clock stands still, and begins anew. */
  async #takeAll(onObjects: (objects: readonly JsonObject[]) => Promise<void>): Promise<void> {
    const aborted = whenAborted(this.#options.signal);
    this.#stopClock();
    try {
      // a shard that is lost may never say so
      while (this.#objects.length > 0 && this.#stopping === null) await Promise.race([onObjects(this.#nextPart()), aborted.promise]);
    } catch (error) {
      this.#thrown = { error };
      void this.#stop('thrown');
    } finally {
      aborted.forget();
      this.#taking = null;
      this.#container?.resume();
      if (this.#stopping === null) this.#startClock();
    }
  }

  #nextPart(): readonly JsonObject[] {
    const before = this.#objects.length;
    const part = this.#objects.splice(0, streamedAtOnce);
    this.#weight -= (this.#weight * part.length) / before;
    if (this.#weight <= heldWeight / 2) this.#container?.resume();
    return part;
  }

  #replyAt(ending: Ending): SatelliteReply {
    if (this.#reply !== null) return this.#reply;
    if (this.#stopping === 'timeout')
      return failedReply({ code: 'timeout', message: `The satellite took longer than ${this.#options.timeoutMs} ms and was stopped.` });
    if (ending.kind === 'memory') return failedReply({ code: 'out-of-memory', message: this.#explained(ending.message) });
    if (ending.kind !== 'exit' || ending.exitCode !== 0) {
      const code = ending.kind === 'exit' ? 'satellite-error' : 'container-failed';
      return failedReply({ code, message: this.#explained(ending.message) });
    }
    if (ending.outputWasCut === true) {
      const message =
        'Not all that the container printed could be read: the connection to it broke. Where that goes on, see whether the container engine is well.';
      return failedReply({ code: 'container-failed', message });
    }
    return { kind: 'objects', objects: this.#objects, metrics: this.#metrics };
  }

  #explained(message: string): string {
    return this.#noise.tail === '' ? message : `${message} It printed last:\n${this.#noise.tail}`;
  }
}

/** Resolves when the signal is aborted. */
function whenAborted(signal: AbortSignal): { readonly promise: Promise<void>; readonly forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
