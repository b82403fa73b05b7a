import { ask, tell } from '../host-link.ts';

type Callback = (...args: never[]) => void;

let lastTimer = 0;
const live = new Map<number, { readonly repeat: boolean }>();

async function run(id: number, callback: () => void, ms: number): Promise<void> {
  for (;;) {
    await ask({ name: 'timer', id, ms });
    const timer = live.get(id);
    if (timer === undefined) return;
    if (!timer.repeat) live.delete(id);
    callback();
    if (!timer.repeat) return;
  }
}

function begin(callback: unknown, ms: unknown, { repeat, args }: { repeat: boolean; args: unknown[] }): number {
  if (typeof callback !== 'function') throw new TypeError('A timer calls a function.');
  const id = (lastTimer += 1);
  live.set(id, { repeat });
  const wait = Number(ms ?? 0) || 0;
  void run(id, () => (callback as Callback)(...(args as never[])), repeat ? Math.max(1, wait) : wait); // whatever arguments the caller gave
  return id;
}

/** A turn of the host's event loop: messages that wait come in. */
export async function nextTurn(): Promise<void> {
  await ask({ name: 'timer', id: (lastTimer += 1), ms: 0 });
}

/** Errors that a timer's function throws end the timer; there is nobody who could catch them. */
export const setTimeout = (callback: unknown, ms?: unknown, ...args: unknown[]): number => begin(callback, ms, { repeat: false, args });
export const setInterval = (callback: unknown, ms?: unknown, ...args: unknown[]): number => begin(callback, ms, { repeat: true, args });

export function clearTimer(id: unknown): void {
  if (typeof id === 'number' && live.delete(id)) tell({ name: 'timer-cancel', id });
}
