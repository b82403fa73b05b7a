type Listener = ((event: GuestEvent) => void) | { handleEvent(event: GuestEvent): void };

interface Registered {
  readonly listener: Listener;
  readonly once: boolean;
}

export class GuestEvent {
  readonly type: string;
  readonly cancelable: boolean;
  readonly timeStamp = Date.now();
  target: GuestEventTarget | null = null;
  defaultPrevented = false;

  constructor(type: string, options: { readonly cancelable?: boolean } = {}) {
    this.type = type;
    this.cancelable = options.cancelable ?? false;
  }

  get currentTarget(): GuestEventTarget | null {
    return this.target;
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }
}

export class GuestEventTarget {
  readonly #listeners = new Map<string, Registered[]>();

  addEventListener(type: string, listener: Listener | null, options: boolean | { once?: boolean; signal?: AbortSignal } = {}): void {
    if (listener === null) return;
    const listeners = this.#listeners.get(type) ?? [];
    if (listeners.some((known) => known.listener === listener)) return;
    const settings = typeof options === 'boolean' ? {} : options;
    if (settings.signal?.aborted === true) return;
    listeners.push({ listener, once: settings.once ?? false });
    this.#listeners.set(type, listeners);
    settings.signal?.addEventListener('abort', () => this.removeEventListener(type, listener));
  }

  removeEventListener(type: string, listener: Listener | null): void {
    const listeners = this.#listeners.get(type) ?? [];
    this.#listeners.set(
      type,
      listeners.filter((known) => known.listener !== listener),
    );
  }

  dispatchEvent(event: GuestEvent): boolean {
    event.target = this;
    const handler = (this as unknown as Record<string, unknown>)[`on${event.type}`]; // `onabort` and the like are plain properties
    if (typeof handler === 'function') handler.call(this, event);
    for (const { listener, once } of [...(this.#listeners.get(event.type) ?? [])]) {
      if (once) this.removeEventListener(event.type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}
