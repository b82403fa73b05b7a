import type { Inspected } from './engine-look.ts';

/** What an engine sets by itself, where nothing was asked for; anything else has to be named by the test. */
const ownWords: Readonly<Record<string, (value: unknown) => boolean>> = {
  CgroupnsMode: (value) => value === 'host' || value === 'private',
  Runtime: (value) => value === 'runc',
  ShmSize: (value) => value === 64 * 2 ** 20,
  ConsoleSize: (value) => JSON.stringify(value) === '[0,0]',
  MaskedPaths: (value) => containsAll(value, ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware']),
  ReadonlyPaths: (value) => containsAll(value, ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']),
  OomScoreAdj: (value) => typeof value === 'number' && value >= 0,
};

function containsAll(value: unknown, wanted: readonly string[]): boolean {
  return Array.isArray(value) && wanted.every((one) => value.includes(one));
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** All of `HostConfig` that says anything, but for what an engine says by itself: what a newer engine adds is seen. */
export function openDoors({ HostConfig }: Inspected): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(HostConfig).filter(([field, value]) => !isNothing(value) && ownWords[field]?.(value) !== true));
}
