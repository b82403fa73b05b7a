import type { NewRelicLog } from './new-relic-log.ts';

/** One request: its body, and how many logs are in it. */
export interface Payload {
  readonly body: string;
  readonly count: number;
}

/** New Relic takes 1 MB (10^6 bytes) a request. */
const largestPayload = 950_000;
/** A message that is longer than a request may be is cut, with a mark. */
const longestMessage = 500_000;

/** Packs logs into as few requests as their size allows, in order. */
export function payloads(logs: readonly NewRelicLog[], common: Readonly<Record<string, string | number>>): readonly Payload[] {
  const head = `[{"common":{"attributes":${JSON.stringify(common)}},"logs":[`;
  const size = new TextEncoder();
  const packed: Payload[] = [];
  let entries: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (entries.length > 0) packed.push({ body: `${head}${entries.join(',')}]}]`, count: entries.length });
    entries = [];
    bytes = 0;
  };
  for (const log of logs) {
    const entry = JSON.stringify({ ...log, message: shortened(log.message) });
    const length = size.encode(entry).length + 1;
    if (bytes + length > largestPayload) close();
    entries.push(entry);
    bytes += length;
  }
  close();
  return packed;
}

function shortened(message: string): string {
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= longestMessage) return message;
  const kept = new TextDecoder().decode(bytes.subarray(0, longestMessage));
  return `${kept}… (${bytes.length - longestMessage} more bytes)`;
}
