import { request } from 'node:http';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExosphereError } from '@exosphere/model';
import type { ServerNeeds } from '@exosphere/satellite-protocol';
import type { Engine } from '../engine/engine.ts';
import { isConflict, isMissing } from '../engine/engine-failure.ts';
import type { Note } from '../images/image-store.ts';
import type { Served } from './server-spec.ts';
import { ownedFolder, ownerSpec, serverSpec } from './server-spec.ts';

/** Loading a large model from a disk takes minutes, fetching it from a hub an hour. */
const readyMs = 2 * 60 * 60_000;
const lookMs = 500;
const noteMs = 15_000;

export interface CompanionOptions {
  readonly engine: Engine;
  readonly served: Served;
  readonly needs: ServerNeeds;
  /** The id of the one that is there already; null: it is to be made. */
  readonly standing: string | null;
  readonly note: Note;
  readonly signal: AbortSignal;
}

/** Where a companion is reached from this host. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A companion that answers. */
export interface Started {
  readonly id: string;
  readonly address: Address;
}

/**
 * Starts the companion of a satellite, or adopts the one that is there: it outlives the worker that started it. Settles when it answers
 * at its `ready` path.
 *
 * @throws ExosphereError `server-failed`, retryable, with what it printed last; `runtime-unavailable`, retryable, where another worker
 *   makes it at the same time; as `Engine` does
 */
export async function startCompanion(options: CompanionOptions): Promise<Started> {
  const { engine, served, needs, standing, note, signal } = options;
  if (standing !== null) note(`uses the server ${served.name}, which runs already`, {});
  const id = standing ?? (await create(options));
  const until = performance.now() + readyMs;
  let noted = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const host = await hostOf(options, id);
    if (host !== '' && (await answers({ host, port: needs.port, path: needs.ready }))) return { id, address: { host, port: needs.port } };
    if (performance.now() > until) throw await failed(options, id, `did not answer at ${needs.ready} within ${readyMs / 3_600_000} hours`);
    if (performance.now() - noted > noteMs) {
      noted = performance.now();
      note(`waits for the server of ${served.reference}`, { said: (await lastLines(engine, id)).slice(-1)[0] ?? '' });
    }
    await sleep(lookMs, undefined, { signal });
  }
}

/** Where it is in its network; empty: not yet. */
async function hostOf(options: CompanionOptions, id: string): Promise<string> {
  const { engine, served } = options;
  try {
    const { State, NetworkSettings } = await engine.inspect(id);
    if (!State.Running) throw await failed(options, id, `ended with exit code ${State.ExitCode}`);
    return NetworkSettings.Networks[served.network]?.IPAddress ?? '';
  } catch (error) {
    if (isMissing(error)) throw await failed(options, id, 'was removed');
    throw error;
  }
}

async function create({ engine, served, note }: CompanionOptions): Promise<string> {
  const { name, volumes } = served;
  note(`starts the server of ${served.reference}`, { container: name });
  const id = await made(engine, served);
  try {
    if (Object.keys(volumes).length > 0) await giveVolumes(engine, served);
    await engine.start(id);
  } catch (error) {
    await engine.remove(id);
    throw error;
  }
  return id;
}

/** Only one can have the name: of two workers that start the same companion, the other one waits. */
async function made(engine: Engine, served: Served): Promise<string> {
  try {
    return await engine.create(serverSpec(served));
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw beingMade(served.reference, error);
  }
}

/** Whoever opens it asks again, and finds it made. */
export function beingMade(reference: string, cause?: unknown): ExosphereError {
  const message = `waits for the server of ${reference}, which another process of this host is starting`;
  return new ExosphereError('runtime-unavailable', message, { cause, retryable: true });
}

/** A new volume belongs to root; a companion is nobody. */
async function giveVolumes(engine: Engine, served: Served): Promise<void> {
  const spec = ownerSpec(served);
  await engine.remove(spec.name ?? '');
  const id = await engine.create(spec);
  try {
    for (const path of Object.keys(served.volumes)) await engine.putArchive(id, dirname(path), await ownedFolder(basename(path)));
  } finally {
    await engine.remove(id);
  }
}

async function failed({ engine, served }: CompanionOptions, id: string, how: string): Promise<ExosphereError> {
  const said = await lastLines(engine, id);
  await engine.remove(id);
  const printed = said.length === 0 ? 'It printed nothing.' : `It printed last:\n${said.slice(-10).join('\n')}`;
  return new ExosphereError('server-failed', `The server of ${served.reference} ${how}. ${printed}`, { retryable: true });
}

async function lastLines(engine: Engine, name: string): Promise<readonly string[]> {
  const log = await engine.logTail(name, 20).catch(() => Buffer.alloc(0)); // it only helps to understand
  const lines: string[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    lines.push(
      ...log
        .toString('utf8', at + 8, end)
        .trimEnd()
        .split('\n'),
    );
    at = end;
  }
  return lines;
}

function answers({ host, port, path }: Address & { readonly path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ host, port, path, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}
