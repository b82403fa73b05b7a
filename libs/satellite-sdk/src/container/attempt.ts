import { SatelliteFailure } from '../satellite-failure.ts';
import type { Channel } from './channel.ts';
import type { RequestPlace } from './container-request.ts';
import { ContainerRequest } from './container-request.ts';
import { gatewayFiles } from './gateway-files.ts';
import type { Work } from './received.ts';
import { requestsOf, timeoutOf } from './received.ts';

/** Where things are in this container. */
export interface Surroundings {
  readonly channel: Channel;
  /** The unix socket of the blob gateway. */
  readonly files: string;
  readonly endpoints: Readonly<Record<string, string>>;
  /** Whether the worker says when it has taken what was emitted: not in `mode: once`. */
  readonly saysTaken: boolean;
}

/** What an attempt tells whoever looks after it. */
export interface AttemptEvents {
  readonly onEnd: (attempt: Attempt) => void;
  /** Its time limit is another one. */
  readonly onClock: (attempt: Attempt) => void;
}

type ReplyPlace = Pick<RequestPlace, 'log' | 'emit' | 'end'>;

/** One line of work: a request or a batch, from its start to its final answer. */
export class Attempt {
  readonly nonce: string;
  readonly isBatch: boolean;
  readonly requests: readonly ContainerRequest[];
  readonly timeoutMs: number | null;
  /** When its time is over, by `performance.now()`. */
  dueAt = Number.POSITIVE_INFINITY;
  readonly #surroundings: Surroundings;
  readonly #events: AttemptEvents;
  readonly #head: string;
  readonly #controller = new AbortController();
  #emitting: Promise<void> | null = null;
  #taken: (() => void) | null = null;

  constructor(work: Work, surroundings: Surroundings, events: AttemptEvents) {
    this.nonce = work.nonce;
    this.isBatch = 'items' in work;
    this.timeoutMs = timeoutOf(work);
    this.#surroundings = surroundings;
    this.#events = events;
    this.#head = `{"nonce":"${work.nonce}",`;
    const { signal } = this.#controller;
    const { endpoints, files: socketPath } = surroundings;
    const files = gatewayFiles({ socketPath, token: work['files-token'] ?? '', signal });
    const received = requestsOf(work);
    const placeOf = this.isBatch ? this.#batchOf(received.length) : () => this.#placeAlone();
    this.requests = received.map((one, index) => new ContainerRequest(one, { files, endpoints, signal, ...placeOf(index) }));
    this.#startClock();
  }

  get isAborted(): boolean {
    return this.#controller.signal.aborted;
  }

  /** For people. */
  get execution(): string {
    return this.requests[0]?.context.execution ?? this.nonce;
  }

  /** The worker wants it stopped, and waits for word of that. */
  cancel(): void {
    this.#send('"heard":true}');
    this.abort(new DOMException('The attempt was stopped.', 'AbortError'));
  }

  abort(reason: DOMException): void {
    this.#controller.abort(reason);
    this.#taken?.();
  }

  /** The worker has recorded what was emitted last. */
  take(): void {
    this.#taken?.();
  }

  #send(...pieces: readonly string[]): void {
    this.#surroundings.channel.send(this.#head, ...pieces);
  }

  #startClock(): void {
    if (this.timeoutMs !== null) this.dueAt = performance.now() + this.timeoutMs;
  }

  #placeAlone(): ReplyPlace {
    return {
      log: (record) => this.#send('"log":', record, '}'),
      emit: (list) => (this.#emitting = this.#emitAfter(this.#emitting, list)),
      end: (pieces) => {
        const end = (): void => {
          this.#send(...pieces, '}');
          this.#events.onEnd(this);
        };
        // what was emitted without waiting for it comes first all the same
        if (this.#emitting === null) end();
        else this.#emitting.then(end, end);
      },
    };
  }

  async #emitAfter(previous: Promise<void> | null, list: string): Promise<void> {
    await previous;
    this.#stopIfAborted();
    this.#send('"emit":', list, '}');
    if (!this.#surroundings.saysTaken) return this.#surroundings.channel.drained();
    // the clock stands still while the worker takes what there is
    this.#setClock(() => (this.dueAt = Number.POSITIVE_INFINITY));
    await new Promise<void>((resolve) => (this.#taken = resolve));
    this.#taken = null;
    this.#stopIfAborted();
    this.#setClock(() => this.#startClock());
  }

  #setClock(set: () => void): void {
    set();
    this.#events.onClock(this);
  }

  #stopIfAborted(): void {
    if (this.isAborted) throw new SatelliteFailure('The attempt was stopped.', { code: 'cancelled' });
  }

  #batchOf(count: number): (index: number) => ReplyPlace {
    const results: string[][] = [];
    let open = count;
    return (index) => ({
      log: (record) => this.#send(`"index":${index},"log":`, record, '}'),
      emit: async () => {
        throw new SatelliteFailure('In a batch nothing can be emitted: return the objects.', { code: 'output-invalid', retryable: false });
      },
      end: (pieces) => {
        results[index] = [index === 0 ? '{' : ',{', ...pieces, '}'];
        open -= 1;
        if (open > 0) return;
        this.#send('"results":[', ...results.flat(), ']}');
        this.#events.onEnd(this);
      },
    });
  }
}
