import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, ListedContainer } from '../engine/engine.ts';
import type { Owner } from './owner.ts';

/** The label that says whose a container, volume or network is. */
export const ownerLabel = 'exosphere.owner';
/** When a container is of no use to anybody any more, in ms since 1970. */
export const deadlineLabel = 'exosphere.deadline';

export interface SweepOptions {
  readonly engine: Engine;
  readonly owner: Owner;
  /** Where the folders of sockets are, one folder for each owner. */
  readonly homes: string;
  readonly now: number;
}

/** An owner that cannot be seen from here has so long to remove what has ended. */
const strangerMs = 10 * 60_000;

/**
 * Removes what dead workers left behind: containers with their volumes and networks, and folders of sockets. A warm container ends by
 * itself when its worker is gone; this takes it away. Returns how many containers were removed.
 */
export async function sweep({ engine, owner, homes, now }: SweepOptions): Promise<number> {
  const containers = await engine.list(ownerLabel);
  const left = containers.filter((container) => isLeft(container, owner, now));
  await Promise.all(left.map(({ id }) => engine.remove(id)));
  const dead = (labels: Readonly<Record<string, string>>): boolean => owner.standing(labels[ownerLabel] ?? '') === 'dead';
  for (const { name, labels } of await engine.volumes(ownerLabel)) if (dead(labels)) await engine.removeVolume(name);
  for (const { name, labels } of await engine.networks(ownerLabel)) if (dead(labels)) await engine.removeNetwork(name);
  for (const name of await readdir(homes).catch(() => [])) {
    if (owner.standing(name) === 'dead') await rm(join(homes, name), { recursive: true, force: true });
  }
  return left.length;
}

function isLeft({ labels, state, createdAt }: ListedContainer, owner: Owner, now: number): boolean {
  const deadline = Number(labels[deadlineLabel] ?? Number.NaN);
  if (deadline < now) return true;
  switch (owner.standing(labels[ownerLabel] ?? '')) {
    case 'dead':
      // a server of a model that took minutes to load is of use to the next worker, which adopts it by its name
      return labels['exosphere.kind'] !== 'server' || state !== 'running';
    case 'unknown':
      return state !== 'running' && now - createdAt > strangerMs;
    case 'alive':
    case 'ours':
      return false;
  }
}
