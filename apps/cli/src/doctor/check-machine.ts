import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import { connectLedger, doctorEmbedded } from '@exosphere/postgres';
import { createIsolateRuntime } from '@exosphere/runtime-isolate';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { openArtifacts } from '../compose/artifacts.ts';
import type { Config } from '../compose/config.ts';
import { checkContainers } from './check-containers.ts';
import { checkGpu } from './check-gpu.ts';
import type { Finding } from './finding.ts';

const leastNode = 24;
const leastFreeBytes = 2 * 2 ** 30;

/** Looks at all that Exosphere needs of a machine. Starts no server and changes nothing but the cache of builds. */
export async function checkMachine(config: Config): Promise<readonly Finding[]> {
  const containers = checkContainers(config.containerHost);
  return Promise.all([
    checkNode(),
    checkFolder(config),
    config.databaseUrl === null ? checkEmbedded(config) : checkDatabase(config.databaseUrl),
    checkIsolates(config),
    checkSatellites(config),
    containers.then(({ finding }) => finding),
    containers.then(({ engine }) => checkGpu(config.gpus, engine)),
  ]);
}

async function checkNode(): Promise<Finding> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.version} (${process.execPath})`;
  const isGood = major >= leastNode;
  return {
    what: 'node',
    state: isGood ? 'good' : 'bad',
    found,
    advice: isGood ? null : `Install Node ${leastNode}; on Linux npm ci brings it.`,
  };
}

async function checkFolder({ projectFolder, stateFolder }: Config): Promise<Finding> {
  const what = 'folder';
  try {
    await mkdir(stateFolder, { recursive: true });
    await access(stateFolder, constants.W_OK);
    const { bavail, bsize } = await statfs(stateFolder);
    const free = bavail * bsize;
    const found = `${projectFolder}, ${(free / 2 ** 30).toFixed(1)} GiB free`;
    if (free >= leastFreeBytes) return { what, state: 'good', found, advice: null };
    return { what, state: 'missing', found, advice: 'Little space: a run stores its results, files and logs here.' };
  } catch (error) {
    return { what, state: 'bad', found: `${stateFolder}: ${messageOf(error)}`, advice: 'Give --project a folder that you may write to.' };
  }
}

async function checkEmbedded({ projectFolder }: Config): Promise<Finding> {
  const what = 'database';
  try {
    const { binaries, state, dataBytes, dataDirectory, logFile, port } = await doctorEmbedded(projectFolder);
    if (!binaries.found) return { what, state: 'bad', found: binaries.problem, advice: 'Set DATABASE_URL to a PostgreSQL 18 of your own.' };
    const size = `${(dataBytes / 2 ** 20).toFixed(0)} MiB`;
    const found = `embedded PostgreSQL ${binaries.version}, ${state}${port === null ? '' : ` on port ${port}`}, ${size} in ${dataDirectory}`;
    if (state !== 'damaged') return { what, state: 'good', found, advice: null };
    return { what, state: 'bad', found, advice: `Its log: ${logFile}. Restore the folder from a copy, or delete it to begin anew.` };
  } catch (error) {
    return { what, state: 'bad', found: messageOf(error), advice: null };
  }
}

async function checkDatabase(url: string): Promise<Finding> {
  const what = 'database';
  const { hostname, port, pathname } = new URL(url);
  const place = `${hostname}:${port === '' ? '5432' : port}${pathname}`;
  try {
    const ledger = await connectLedger({ connectionString: url, signal: AbortSignal.timeout(15_000) });
    await ledger.close();
    return { what, state: 'good', found: `DATABASE_URL, ${place}`, advice: null };
  } catch (error) {
    return {
      what,
      state: 'bad',
      found: `DATABASE_URL, ${place}: ${messageOf(error)}`,
      advice: 'Mend DATABASE_URL, or unset it to use the embedded one.',
    };
  }
}

async function checkIsolates(config: Config): Promise<Finding> {
  const what = 'isolates';
  const blobs = { write: unused, read: unused, has: unused, remove: unused };
  const runtime = createIsolateRuntime({ satellites: openArtifacts(config.stateFolder), blobs });
  try {
    await runtime.ready();
    return { what, state: 'good', found: 'a sandbox process starts', advice: null };
  } catch (error) {
    return { what, state: 'bad', found: messageOf(error), advice: 'Run npm ci with the Node that exo runs on.' };
  } finally {
    await runtime.close();
  }
}

async function unused(): Promise<never> {
  throw new ExosphereError('blob-store-unavailable', 'exo doctor runs no satellite', { retryable: false });
}

async function checkSatellites({ satelliteFolders, cacheFolder }: Config): Promise<Finding> {
  const what = 'satellites';
  const { all, failures } = await openLocalSatellites({ folders: satelliteFolders, cacheFolder });
  const found = `${all.length} in ${satelliteFolders.join(', ')}`;
  if (failures.length === 0) return { what, state: 'good', found, advice: null };
  return {
    what,
    state: 'bad',
    found: `${found}; ${failures.length} cannot be built`,
    advice: failures.map(({ message }) => message).join('\n'),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
