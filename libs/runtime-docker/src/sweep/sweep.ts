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
  /** Servers of dead workers that run are left for a while: whoever needs one takes it over. */
  readonly leaveServers: boolean;
}

/** An owner that cannot be seen from here has so long to remove what has ended. */
const strangerMs = 10 * 60_000;

/**
 * Removes what dead workers left behind: containers with their volumes and networks, and folders of sockets. A warm container ends by
 * itself when its worker is gone; this takes it away. Returns how many containers were removed.
 */
export async function sweep({ engine, owner, homes, now, leaveServers }: SweepOptions): Promise<number> {
  const containers = await engine.list(ownerLabel);
  const kept = leaveServers ? null : await heldServers(homes, owner);
  const left = containers.filter((container) => isLeft(container, owner, { now, kept }));
  await Promise.all(left.map(({ id }) => engine.remove(id)));
  const dead = (labels: Readonly<Record<string, string>>): boolean => owner.standing(labels[ownerLabel] ?? '') === 'dead';
  for (const { name, labels } of await engine.volumes(ownerLabel)) if (dead(labels)) await engine.removeVolume(name);
  for (const { name, labels } of await engine.networks(ownerLabel)) if (dead(labels)) await engine.removeNetwork(name);
  for (const name of await readdir(homes).catch(() => [])) {
    if (owner.standing(name) === 'dead') await rm(join(homes, name), { recursive: true, force: true });
  }
  return left.length;
}

/** The servers that living workers use: some were started by others, which are dead. */
async function heldServers(homes: string, owner: Owner): Promise<ReadonlySet<string>> {
  const owners = (await readdir(homes).catch(() => [])).filter((name) => owner.standing(name) !== 'dead');
  const held = await Promise.all(owners.map((name) => readdir(serversOf(homes, name)).catch(() => [])));
  return new Set(held.flat());
}

/** The folder in which a worker notes, by name, which servers it uses. */
export function serversOf(homes: string, ownerId: string): string {
  return join(homes, ownerId, 'servers');
}

/** @param kept null: no server that runs is removed */
function isLeft(
  { name, labels, state, createdAt }: ListedContainer,
  owner: Owner,
  { now, kept }: { readonly now: number; readonly kept: ReadonlySet<string> | null },
): boolean {
  const deadline = Number(labels[deadlineLabel] ?? Number.NaN);
  if (deadline < now) return true;
  switch (owner.standing(labels[ownerLabel] ?? '')) {
    case 'dead':
      // a server of a model that took minutes to load is of use to the next worker, which adopts it by its name
      return labels['exosphere.kind'] !== 'server' || state !== 'running' || (kept !== null && !kept.has(name));
    case 'unknown':
      return state !== 'running' && now - createdAt > strangerMs;
    case 'alive':
    case 'ours':
      return false;
  }
}
