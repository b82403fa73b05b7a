/** A string that only the functions of this file make, so that one id is never taken for another. */
export type Branded<Name extends string> = string & { readonly __brand: Name };

/** Id of a run: a UUIDv7, so that runs sort by the time they were accepted. */
export type RunId = Branded<'RunId'>;
/** Id of a shard: a UUIDv7. */
export type ShardId = Branded<'ShardId'>;
/** Id of one life of a worker process: a UUIDv7. */
export type WorkerId = Branded<'WorkerId'>;
/** `project/name` of a cluster. */
export type ClusterId = Branded<'ClusterId'>;
/** Identifier of a step within its cluster, as the file spells it. */
export type StepId = string;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Tells whether a text has the form of a run's id; it may be the id of no run. */
export function isRunId(text: string): text is RunId {
  return uuid.test(text);
}

/** Brands an id that comes from our own tables or from `uuidv7`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the brand
export function asId<Id extends string>(text: string): Id {
  return text as Id; // a brand exists in types only; ids of our own tables need no check
}

/**
 * A UUID of version 7.
 *
 * @param now time in ms since 1970
 * @param random at least 10 random bytes
 */
export function uuidv7(now: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  let time = now;
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
