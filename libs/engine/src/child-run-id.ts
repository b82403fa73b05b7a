import type { RunId } from '@exosphere/model';
import { asId } from '@exosphere/model';

/**
 * The id of the run that an execution of a sub-cluster's step starts: the same in every attempt, so that a run is started once however
 * often the step is tried, by whichever worker. It has the time of the parent run, and lies in its partition.
 *
 * @param key the idempotency key of the execution
 */
export function childRunId(parent: RunId, key: string): RunId {
  const hex = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((seed) => hash(key, seed).toString(16).padStart(8, '0')).join('');
  const variant = ((parseInt(hex.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return asId<RunId>(`${parent.slice(0, 13)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`);
}

/** FNV-1a over UTF-16 units, with a final mix (murmur3's) so that every bit of the text reaches every bit of the result. */
function hash(text: string, seed: number): number {
  let state = seed >>> 0;
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
