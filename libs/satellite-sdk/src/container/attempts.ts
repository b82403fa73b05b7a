import type { AttemptEvents, Surroundings } from './attempt.ts';
import { Attempt } from './attempt.ts';
import type { Work } from './received.ts';
import type { LoadedSatellite } from './run-attempt.ts';
import { runAttempt } from './run-attempt.ts';
import type { Watchdog } from './watchdog.ts';
import { graceMs } from './watchdog.ts';

const lookMs = 100;

/** What this process works on. */
export class Attempts {
  readonly #satellite: LoadedSatellite;
  readonly #surroundings: Surroundings;
  readonly #watchdog: Watchdog;
  readonly #running = new Map<string, Attempt>();
  readonly #events: AttemptEvents;
  #firstDueAt = Number.POSITIVE_INFINITY;
  /** Is told when the last of them has ended. */
  onIdle: () => void = () => undefined;

  constructor(satellite: LoadedSatellite, surroundings: Surroundings, watchdog: Watchdog) {
    this.#satellite = satellite;
    this.#surroundings = surroundings;
    this.#watchdog = watchdog;
    this.#events = { onEnd: (attempt) => this.#ended(attempt), onClock: () => this.#expect() };
    // it also keeps the process up while a request waits for nothing that Node knows of
    setInterval(() => this.#look(), lookMs);
  }

  get count(): number {
    return this.#running.size;
  }

  start(work: Work): void {
    const attempt = new Attempt(work, this.#surroundings, this.#events);
    this.#running.set(attempt.nonce, attempt);
    if (attempt.dueAt < this.#firstDueAt) this.#setFirst(attempt.dueAt);
    runAttempt(this.#satellite, attempt);
  }

  take(nonce: string): void {
    this.#running.get(nonce)?.take();
  }

  cancel(nonce: string): void {
    this.#running.get(nonce)?.cancel();
  }

  abortAll(reason: DOMException): void {
    for (const attempt of this.#running.values()) attempt.abort(reason);
  }

  #ended(attempt: Attempt): void {
    this.#running.delete(attempt.nonce);
    // Exact: a time limit of an attempt that has ended must not count for one that has all its time left.
    if (attempt.dueAt <= this.#firstDueAt) this.#expect();
    if (this.#running.size === 0) this.onIdle();
  }

  #expect(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#running.values()) if (dueAt < first) first = dueAt;
    this.#setFirst(first);
  }

  #setFirst(dueAt: number): void {
    this.#firstDueAt = dueAt;
    this.#watchdog.expect(dueAt);
  }

  #look(): void {
    const now = performance.now();
    if (now < this.#firstDueAt) return;
    for (const attempt of this.#running.values()) {
      if (now > attempt.dueAt + graceMs) endOf(attempt);
      if (now > attempt.dueAt && !attempt.isAborted) {
        attempt.abort(new DOMException('The attempt was stopped at its time limit.', 'TimeoutError'));
      }
    }
  }
}

function endOf({ execution, timeoutMs }: Attempt): never {
  process.stderr.write(`'${execution}' is still at work ${graceMs} ms after its time limit of ${timeoutMs ?? 0} ms: the process ends.\n`);
  process.exit(1);
}
