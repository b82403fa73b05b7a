/** Gathers what is handed over in one turn and sends it together; each caller waits until its own was sent. */
export function inGroups<T>(send: (group: readonly T[]) => Promise<unknown>): (one: T) => Promise<void> {
  let group: T[] = [];
  let sending: Promise<void> | null = null;
  return (one) => {
    group.push(one);
    sending ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      const sent = group;
      group = [];
      sending = null;
      await send(sent);
    });
    return sending;
  };
}
