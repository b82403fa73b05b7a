/*
 * Which request the code that runs just now belongs to. An isolate has no async context; but whatever runs after the host settled an
 * ask was caused by it, so the request of that ask is the current one. Right after the start of several requests at once nobody
 * knows: then it is none, unless only one is running.
 */

let current = -1;
const running = new Set<number>();

export function enterRequest(index: number): void {
  current = index;
}

export function startRequest(index: number): void {
  running.add(index);
  current = index;
}

export function endRequest(index: number): void {
  running.delete(index);
}

/** Index of the request in its call, or -1. */
export function currentRequest(): number {
  if (current >= 0 && running.has(current)) return current;
  if (running.size !== 1) return -1;
  const [only = -1] = running;
  return only;
}

/** Some running request: where a record that belongs to none of them in particular is kept. */
export function anyRequest(): number {
  const [first = -1] = running;
  return first;
}
