import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { systemCode } from './file-failure.ts';
import { locateHome } from './prepare-home.ts';
import { installedBinaries } from './server-binaries.ts';
import { serverState } from './server-state.ts';

/** What there is to say of the embedded database of a folder, found without starting, making or connecting to anything. */
export interface EmbeddedFacts {
  readonly binaries:
    { readonly found: true; readonly version: string; readonly directory: string } | { readonly found: false; readonly problem: string };
  /** `absent`: nobody used it yet. `crashed`: the next start recovers it. */
  readonly state: 'absent' | 'stopped' | 'crashed' | 'damaged' | 'starting' | 'running' | 'stopping';
  readonly pid: number | null;
  readonly port: number | null;
  /** Of the data: `18`. May be another than the binaries'. */
  readonly dataVersion: string | null;
  readonly dataDirectory: string;
  readonly dataBytes: number;
  readonly logFile: string;
}

/** For `exo doctor`. */
export async function doctorEmbedded(folder: string): Promise<EmbeddedFacts> {
  const home = await locateHome(folder);
  const state = await serverState(home);
  const running = state.kind === 'running' ? state : null;
  return {
    binaries: findBinaries(),
    state: running === null || running.status === 'ready' ? state.kind : running.status,
    pid: running?.pid ?? null,
    port: running?.port ?? null,
    dataVersion: 'majorVersion' in state ? state.majorVersion : null,
    dataDirectory: home.dataDirectory,
    dataBytes: await sizeOf(home.dataDirectory),
    logFile: home.logFile,
  };
}

function findBinaries(): EmbeddedFacts['binaries'] {
  try {
    const { packageVersion, directory } = installedBinaries();
    return { found: true, version: packageVersion, directory };
  } catch (error) {
    if (error instanceof EmbeddedDatabaseError) return { found: false, problem: error.message };
    throw error;
  }
}

/** Of a folder that changes while we look. */
async function sizeOf(path: string): Promise<number> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return found.size;
    const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
