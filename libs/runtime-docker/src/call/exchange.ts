import type { JsonObject } from '@exosphere/model';
import type { SatelliteError, SatelliteReply } from '@exosphere/ports';
import type { Ending } from '../container/ending.ts';
import { codeOf } from '../container/ending.ts';
import type { NoiseLine } from '../container/noise.ts';
import type { Exchange, WarmContainer } from '../container/warm-container.ts';
import type { Answer } from '../protocol/answer.ts';
import { tooLarge } from '../protocol/answer.ts';
import { failedReply } from './failed-reply.ts';

/** How the exchange of one request with one container ended. */
export type Outcome =
  | { readonly kind: 'replied'; readonly reply: SatelliteReply }
  | { readonly kind: 'results'; readonly replies: readonly (SatelliteReply | null)[] }
  /** Its container was stopped for another's sake: nothing is known against this request. */
  | { readonly kind: 'again' }
  /** The container ended while it worked on this and on others. */
  | { readonly kind: 'lost'; readonly reason: 'crash' | 'memory' | 'timeout'; readonly message: string }
  | { readonly kind: 'cancelled' }
  /** What the caller does with its objects failed. */
  | { readonly kind: 'thrown'; readonly error: unknown };

export interface ExchangeOptions {
  readonly container: WarmContainer;
  readonly nonce: string;
  readonly line: string;
  readonly timeoutMs: number;
  /** It has several items: where it comes to no answer, nobody knows which of them was to blame. Default false. */
  readonly isBatch?: boolean;
  /** Null: its manifest names no key, so nothing may be emitted. */
  readonly onObjects: ((objects: readonly JsonObject[]) => Promise<void>) | null;
  readonly onLog: (answer: Extract<Answer, { kind: 'log' }>) => void;
  readonly onNoise: (line: NoiseLine, isShared: boolean) => void;
  readonly signal: AbortSignal;
}

/** After `cancel`, so long is waited for a final answer, and for the word that it was heard, before its container is killed. */
const lettingGoMs = 500;

/** One request in the hands of one container, from when it is sent until its container works on it no more. */
export class ContainerExchange implements Exchange {
  readonly outcome: Promise<Outcome>;
  readonly #options: ExchangeOptions;
  #settle!: (outcome: Outcome) => void; // set in the constructor
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;
  #isTaking = false;
  #hasEmitted = false;
  /** What it will have been once the container lets go of it, or is gone. */
  #stopping: Outcome | null = null;
  #heard = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    options.signal.addEventListener('abort', this.#cancelled, { once: true });
    options.container.send(options.nonce, options.line, this);
    this.#startClock();
  }

  answer(answer: Answer): void {
    switch (answer.kind) {
      case 'log':
        return this.#options.onLog(answer);
      case 'heard':
        this.#heard = true;
        return;
      case 'emit':
        return this.#emitted(answer.objects);
      case 'reply':
        return this.#finish({ kind: 'replied', reply: answer.reply });
      case 'results':
        return this.#finish({ kind: 'results', replies: answer.replies });
      case 'too-large':
        return this.#tooLarge();
      case 'broken':
        return this.#finish({
          kind: 'replied',
          reply: failedReply({ code: 'answer-unreadable', message: `The satellite's answer cannot be read: ${answer.fault}.` }),
        });
    }
  }

  noise(line: NoiseLine, isShared: boolean): void {
    this.#options.onNoise(line, isShared);
  }

  lost(ending: Ending, alone: boolean): void {
    if (this.#stopping !== null) return this.#end(this.#stopping);
    if (ending.kind === 'stopped' && !this.#hasEmitted) return this.#end({ kind: 'again' });
    const reason = ending.kind === 'memory' ? 'memory' : 'crash';
    const { tail } = this.#options.container;
    const message = tail === '' ? ending.message : `${ending.message} It printed last:\n${tail}`;
    if (!alone || this.#options.isBatch === true) return this.#end({ kind: 'lost', reason, message });
    this.#end({ kind: 'replied', reply: failedReply({ code: codeOf(ending), message }) });
  }

  #startClock(): void {
    this.#stopClock();
    this.#timer = setTimeout(() => void this.#timeOut(), this.#options.timeoutMs);
  }

  #stopClock(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The clock stands still while the objects are taken, and begins anew with each list. */
  #emitted(objects: readonly JsonObject[]): void {
    const { onObjects, container, nonce } = this.#options;
    if (this.#stopping !== null) return;
    if (onObjects === null) return this.#refuse({ code: 'output-invalid', message: noKey });
    if (this.#isTaking) return this.#refuse({ code: 'answer-unreadable', message: notTaken });
    this.#isTaking = true;
    this.#hasEmitted = true;
    this.#stopClock();
    onObjects(objects).then(
      () => {
        this.#isTaking = false;
        if (this.#isOver || this.#stopping !== null) return;
        container.taken(nonce);
        this.#startClock();
      },
      (error: unknown) => void this.#stop({ kind: 'thrown', error }),
    );
  }

  /** It is likely to do so again, and may wait for the word that it was taken. */
  #tooLarge(): void {
    this.#finish({ kind: 'replied', reply: { kind: 'error', error: tooLarge, metrics: null } });
    void this.#options.container.kill('It sent an answer of more than 256 MiB.');
  }

  /** What it handed on cannot be taken, and it may wait for ever for the word that it was. */
  #refuse(fault: Pick<SatelliteError, 'code' | 'message'>): void {
    void this.#stop({ kind: 'replied', reply: failedReply(fault) });
  }

  readonly #cancelled = (): void => void this.#stop({ kind: 'cancelled' });

  /**
   * A satellite that does not even hear may be held up by another of its requests, and then nobody knows whose time is over. With
   * nothing else in work, or with a satellite that hears, it is this one's.
   */
  async #timeOut(): Promise<void> {
    const message = `The satellite took longer than ${this.#options.timeoutMs} ms and was stopped.`;
    const lost: Outcome = { kind: 'lost', reason: 'timeout', message };
    if (this.#options.isBatch === true) return this.#stop(lost);
    const others = this.#options.container.inWork > 1;
    await this.#stop({ kind: 'replied', reply: failedReply({ code: 'timeout', message }) }, others ? lost : null);
  }

  /** Asks it to stop, and stops its container where it does not. */
  async #stop(outcome: Outcome, unheard: Outcome | null = null): Promise<void> {
    if (this.#isOver || this.#stopping !== null) return;
    this.#stopping = outcome;
    this.#stopClock();
    const { container, nonce } = this.#options;
    container.cancel(nonce);
    const hasEnded = await this.#within(lettingGoMs);
    if (hasEnded) return;
    if (!this.#heard && unheard !== null) this.#stopping = unheard;
    await container.kill('It was stopped for the sake of another of its requests.');
  }

  /** Whether it ends within that time. */
  async #within(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), ms);
    const hasEnded = await Promise.race([promise, this.outcome.then(() => true)]);
    clearTimeout(timer);
    return hasEnded;
  }

  #finish(outcome: Outcome): void {
    this.#end(this.#stopping ?? outcome);
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopClock();
    this.#options.signal.removeEventListener('abort', this.#cancelled);
    this.#options.container.release(this.#options.nonce);
    this.#settle(outcome);
  }
}

const noKey = "Only a satellite whose manifest names 'output.key' can hand objects on while it works.";
const notTaken = "The satellite emitted again before its last list was taken: it has to wait for 'taken'.";
