import { send } from './host-link.ts';

/*
 * What is reported leaves in one message for all that came in the same turn: a crossing costs as much as ten no-op requests.
 */

const flushAtCharacters = 1024 * 1024;

export interface ReplyQueue {
  /** Adds one tuple, as JSON. */
  add(tuple: string): void;
  flush(): void;
}

export function createReplyQueue(call: number): ReplyQueue {
  let tuples: string[] = [];
  let characters = 0;
  let waits = false;

  const flush = (): void => {
    waits = false;
    if (tuples.length === 0) return;
    const text = `[${tuples.join(',')}]`;
    tuples = [];
    characters = 0;
    send('replies', call, text);
  };

  /** A few turns of the microtask queue later: what ends together leaves together. */
  const flushSoon = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    flush();
  };

  return {
    add(tuple) {
      tuples.push(tuple);
      characters += tuple.length;
      if (characters >= flushAtCharacters) flush();
      else if (!waits) {
        waits = true;
        void flushSoon();
      }
    },
    flush,
  };
}
