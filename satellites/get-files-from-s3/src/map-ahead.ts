/** Maps items in order, with up to `ahead` of them under way; it gets no further ahead of who takes the results. */
export async function* mapAhead<T, R>(items: readonly T[], ahead: number, map: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  const start = (item: T): void => {
    const result = map(item);
    // The first failure ends the loop below and is the one to tell; those that still run must not count as unhandled.
    result.catch(() => undefined);
    running.push(result);
  };
  for (const item of items.slice(0, ahead)) start(item);
  for (let next = ahead; running.length > 0; next += 1) {
    const result = await running.shift();
    const item = items[next];
    if (item !== undefined) start(item);
    yield result as R; // the loop's condition says that there was one
  }
}
