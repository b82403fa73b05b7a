import type { JsonObject } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { CallEnd, SatelliteCall, SatelliteReply, SatelliteRequest } from '@exosphere/ports';
import { NotReady } from '../container/warm-container.ts';
import type { ContainerKind, ContainerPool, Place } from '../pool/container-pool.ts';
import type { AttemptKeys } from '../protocol/request-line.ts';
import { batchLine, newKeys, requestLine } from '../protocol/request-line.ts';
import type { Outcome } from './exchange.ts';
import { ContainerExchange } from './exchange.ts';
import { LogBudget } from './log-budget.ts';
import { codeOf } from '../container/ending.ts';
import { failedReply } from './failed-reply.ts';

export interface WarmCallOptions {
  readonly pool: ContainerPool;
  /** Which containers serve requests with these secrets. */
  readonly kindFor: (secrets: SatelliteRequest['secrets']) => ContainerKind;
  readonly preset: JsonObject;
  /** The manifest names a key: objects may be handed on while it works. */
  readonly streams: boolean;
  /** A container for each request. */
  readonly alone: boolean;
}

/** So often a request is begun anew because its container was stopped for another's sake. */
const mostAgain = 3;

/** Hands the requests of one call to warm containers. */
export class WarmCall {
  readonly #options: WarmCallOptions;
  readonly #call: SatelliteCall;
  readonly #signal: AbortSignal;
  readonly #failed = new AbortController();
  /** Why a request was not handed to any container. */
  #unstarted: Unstarted | null = null;

  constructor(call: SatelliteCall, options: WarmCallOptions, signal: AbortSignal) {
    this.#call = call;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#failed.signal]);
  }

  async run(): Promise<CallEnd> {
    const { requests, mode } = this.#call;
    const ends =
      mode === 'batch'
        ? [await this.#guarded(() => this.#batch())]
        : await Promise.all(requests.map((request, index) => this.#guarded(() => this.#one(request, index))));
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
    const lost = ends.find((end) => end.kind === 'lost');
    if (lost === undefined && this.#unstarted !== null) throw this.#unstarted.reason;
    return lost ?? { kind: 'done' };
  }

  /**
   * What the caller does with objects fails: that ends the whole call, once all of it has stopped. Where a request was not even handed to
   * a container, the others go on.
   */
  async #guarded(work: () => Promise<CallEnd>): Promise<CallEnd> {
    try {
      return await work();
    } catch (error) {
      if (this.#signal.aborted) return cancelled;
      if (error instanceof Unstarted) this.#unstarted ??= error;
      else this.#failed.abort(error);
      return { kind: 'done' };
    }
  }

  async #one(request: SatelliteRequest, index: number): Promise<CallEnd> {
    const log = new LogBudget((record) => this.#call.events.log(index, record));
    const outcome = await this.#exchanged(request, index, log);
    log.end();
    if (outcome.kind === 'replied') this.#call.events.reply(index, outcome.reply);
    else if (outcome.kind === 'results') this.#call.events.reply(index, noBatch);
    return endOf(outcome, true);
  }

  async #batch(): Promise<CallEnd> {
    const { requests, events } = this.#call;
    const logs = requests.map((_, index) => new LogBudget((record) => events.log(index, record)));
    const [first] = logs;
    if (first === undefined) return { kind: 'done' };
    const outcome = await this.#exchange({ line: (keys) => batchLine(requests, this.#lineOptions(keys)), index: 0, logs });
    for (const log of logs) log.end();
    if (outcome.kind === 'results') requests.forEach((_, index) => events.reply(index, outcome.replies[index] ?? noResult));
    else if (outcome.kind === 'replied')
      requests.forEach((_, index) => events.reply(index, outcome.reply.kind === 'error' ? outcome.reply : noResults));
    return endOf(outcome, false);
  }

  async #exchanged(request: SatelliteRequest, index: number, log: LogBudget): Promise<Outcome> {
    return this.#exchange({ line: (keys) => requestLine(request, this.#lineOptions(keys)), index, logs: [log] });
  }

  #lineOptions(keys: AttemptKeys): { keys: AttemptKeys; preset: JsonObject; timeoutMs: number } {
    return { keys, preset: this.#options.preset, timeoutMs: this.#call.timeoutMs };
  }

  /** Sends a line to a container, and to another one where the first was stopped for another request's sake. */
  async #exchange(what: {
    readonly line: (keys: AttemptKeys) => string;
    readonly index: number;
    readonly logs: readonly LogBudget[];
  }): Promise<Outcome> {
    for (let again = 0; ; again += 1) {
      const outcome = await this.#exchangeOnce(what);
      if (outcome.kind !== 'again') return outcome;
      if (this.#call.repeatable === false)
        return { kind: 'lost', reason: 'crash', message: 'Its container was stopped for the sake of another request.' };
      if (again >= mostAgain)
        return { kind: 'lost', reason: 'crash', message: 'Its containers were stopped again and again for the sake of other requests.' };
    }
  }

  async #exchangeOnce({
    line,
    index,
    logs,
  }: {
    readonly line: (keys: AttemptKeys) => string;
    readonly index: number;
    readonly logs: readonly LogBudget[];
  }): Promise<Outcome> {
    const { pool, kindFor, streams } = this.#options;
    const alone = this.#options.alone || this.#call.apart === true;
    const isBatch = this.#call.mode === 'batch';
    let place: Place;
    try {
      place = await pool.acquire(kindFor(this.#call.requests[index]?.secrets ?? {}), { alone, signal: this.#signal });
    } catch (error) {
      if (this.#signal.aborted) return { kind: 'cancelled' };
      if (error instanceof NotReady) return { kind: 'replied', reply: notStarted(error) };
      throw new Unstarted(error);
    }
    const keys = newKeys();
    place.home.gateway.grant(keys.filesToken);
    try {
      const exchange = new ContainerExchange({
        container: place.container,
        nonce: keys.nonce,
        line: line(keys),
        timeoutMs: this.#call.timeoutMs,
        isBatch: isBatch && logs.length > 1,
        // in a batch nobody could tell whose they are
        onObjects: streams && !isBatch ? (objects) => this.#call.events.objects(index, objects) : null,
        onLog: ({ index: item, record }) => (logs[item ?? 0] ?? logs[0])?.said(record),
        onNoise: (noise, isShared) => logs[0]?.noise(noise, isShared || logs.length > 1),
        signal: this.#signal,
      });
      const outcome = await exchange.outcome;
      if (outcome.kind === 'thrown') throw outcome.error;
      return outcome;
    } finally {
      place.home.gateway.revoke(keys.filesToken);
      place.release();
    }
  }
}

/** A request that no container was handed. */
class Unstarted extends RangeError {
  readonly reason: Error;

  constructor(reason: unknown) {
    super('no container took the request', { cause: reason });
    this.reason = reason instanceof Error ? reason : new InternalError('a container could not be started', { cause: reason });
  }
}

const cancelled: CallEnd = { kind: 'lost', reason: 'cancelled', message: 'The call was cancelled.' };

/** @param isShared a request that is lost was in work together with others: alone, it would have been answered */
function endOf(outcome: Outcome, isShared: boolean): CallEnd {
  switch (outcome.kind) {
    case 'cancelled':
      return cancelled;
    case 'lost':
      return { kind: 'lost', reason: outcome.reason, message: outcome.message, ...(isShared ? { shared: true } : {}) };
    default:
      return { kind: 'done' };
  }
}

const noBatch = failedReply({ code: 'answer-unreadable', message: "The satellite answered one request with the 'results' of a batch." });
const noResults = failedReply({
  code: 'answer-unreadable',
  message: "The satellite answered a batch with 'objects'; it has to give 'results', one for each item.",
});
const noResult = failedReply({ code: 'satellite-error', message: 'The satellite gave no result for this item of the batch.' });

function notStarted({ ending, message }: NotReady): SatelliteReply {
  return failedReply({ code: codeOf(ending), message });
}
