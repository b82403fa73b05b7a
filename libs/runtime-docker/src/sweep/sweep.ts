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
  /**
   * Names of the containers, volumes and networks that this process has, is making or is taking away. What else is labelled as its own
   * is what the engine would not remove before. Left out: all that is its own is in use.
   */
  readonly live?: () => ReadonlySet<string>;
}

/** An owner that cannot be seen from here has so long to remove what has ended. */
const strangerMs = 10 * 60_000;

/**
 * Removes what dead workers left behind, and what this one could not remove: containers with their volumes and networks, and folders of
 * sockets. A warm container ends by itself when its worker is gone; this takes it away. What the engine will not remove keeps nothing
 * else from being removed. Returns how many containers were removed.
 *
 * @throws as `Engine` does, once all else is removed
 */
export async function sweep({ engine, owner, homes, now, leaveServers, live }: SweepOptions): Promise<number> {
  const held = await heldServers(homes, owner);
  // asked after each list: what is made has its name there before the engine has it
  const isOver = (name: string, labels: Labels): boolean => {
    const standing = owner.standing(labels[ownerLabel] ?? '');
    return standing === 'dead' || (standing === 'ours' && live?.().has(name) === false);
  };
  const isLeft = (container: ListedContainer): boolean =>
    owner.standing(container.labels[ownerLabel] ?? '') === 'unknown'
      ? isLeftByStranger(container, now)
      : isOver(container.name, container.labels) && !isOfUse(container, leaveServers ? null : held);
  const left = (await engine.list(ownerLabel)).filter(isLeft);
  const removed = await Promise.allSettled(left.map(({ id }) => engine.remove(id)));
  const volumes = (await engine.volumes(ownerLabel)).filter(({ name, labels }) => isOver(name, labels));
  removed.push(...(await Promise.allSettled(volumes.map(({ name }) => engine.removeVolume(name)))));
  // a held network may wait for its server
  const networks = (await engine.networks(ownerLabel)).filter(({ name, labels }) => isOver(name, labels) && !held.has(name));
  removed.push(...(await Promise.allSettled(networks.map(({ name }) => engine.removeNetwork(name)))));
  for (const name of await readdir(homes).catch(() => [])) {
    if (owner.standing(name) === 'dead') await rm(join(homes, name), { recursive: true, force: true });
  }
  const failure = removed.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return left.length;
}

type Labels = Readonly<Record<string, string>>;

/** The servers that living workers use: some were started by others, which are dead. */
async function heldServers(homes: string, owner: Owner): Promise<ReadonlySet<string>> {
  const owners = (await readdir(homes).catch(() => [])).filter((name) => owner.standing(name) !== 'dead');
  const held = await Promise.all(owners.map((name) => readdir(serversOf(homes, name)).catch(() => [])));
  return new Set(held.flat());
}

/** Whether a worker other than this one, and not known to be dead, uses a server. */
export async function isHeldElsewhere(server: string, homes: string, owner: Owner): Promise<boolean> {
  return (await heldServers(homes, { ...owner, standing: (id) => (id === owner.id ? 'dead' : owner.standing(id)) })).has(server);
}

/** The folder in which a worker notes, by name, which servers it uses. */
export function serversOf(homes: string, ownerId: string): string {
  return join(homes, ownerId, 'servers');
}

/**
 * A server of a model that took minutes to load is of use to the next worker, which adopts it by its name.
 *
 * @param held null: so is every one that runs
 */
function isOfUse({ name, labels, state }: ListedContainer, held: ReadonlySet<string> | null): boolean {
  return labels['exosphere.kind'] === 'server' && state === 'running' && (held === null || held.has(name));
}

/** Of a worker that cannot be seen from here only what is surely over is taken: a living one removes its own. */
function isLeftByStranger({ labels, state, createdAt }: ListedContainer, now: number): boolean {
  const deadline = Number(labels[deadlineLabel] ?? Number.NaN);
  return deadline < now || (state !== 'running' && now - createdAt > strangerMs);
}
