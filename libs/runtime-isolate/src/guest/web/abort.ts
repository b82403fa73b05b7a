import { GuestDomException } from './dom-exception.ts';
import { GuestEvent, GuestEventTarget } from './events.ts';

/** Only a controller, or the statics below, may abort a signal. */
const abortOf = new WeakMap<GuestAbortSignal, (reason: unknown) => void>();

export class GuestAbortSignal extends GuestEventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  onabort: ((event: GuestEvent) => void) | null = null;

  constructor() {
    super();
    abortOf.set(this, (reason) => {
      if (this.#aborted) return;
      this.#aborted = true;
      this.#reason = reason ?? new GuestDomException('This operation was aborted.', 'AbortError');
      this.dispatchEvent(new GuestEvent('abort'));
    });
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason?: unknown): GuestAbortSignal {
    const signal = new GuestAbortSignal();
    abortOf.get(signal)?.(reason);
    return signal;
  }

  static timeout(ms: number): GuestAbortSignal {
    const signal = new GuestAbortSignal();
    setTimeout(() => abortOf.get(signal)?.(new GuestDomException('The operation timed out.', 'TimeoutError')), ms);
    return signal;
  }

  static any(signals: Iterable<GuestAbortSignal>): GuestAbortSignal {
    const joined = new GuestAbortSignal();
    for (const signal of signals) {
      if (signal.aborted) return GuestAbortSignal.abort(signal.reason);
      signal.addEventListener('abort', () => abortOf.get(joined)?.(signal.reason), { once: true });
    }
    return joined;
  }
}

export class GuestAbortController {
  readonly signal = new GuestAbortSignal();

  abort(reason?: unknown): void {
    abortOf.get(this.signal)?.(reason);
  }
}
