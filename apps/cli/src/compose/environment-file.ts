import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Environment, EnvironmentReading } from '@exosphere/cluster';
import { closestName, readEnvironment } from '@exosphere/cluster';
import { ExosphereError } from '@exosphere/model';
import type { Config } from './config.ts';
import { readText } from './read-text.ts';

/** An environment's file. */
export interface EnvironmentFile {
  readonly path: string;
  /** As a run records it: relative to the project's folder where it lies in it. */
  readonly shown: string;
  readonly reading: EnvironmentReading;
}

const endings = ['.yml', '.yaml', '.json'];

/**
 * Reads an environment by its path, or by its name: `local` is `environments/local.yml` beside the cluster file, else in the project's
 * folder.
 *
 * @throws ExosphereError `environment-unknown`, `file-unreadable`
 */
export async function readEnvironmentFile(given: string, clusterFile: string | null, config: Config): Promise<EnvironmentFile> {
  const beside = [...(clusterFile === null ? [] : [dirname(resolve(clusterFile))]), config.projectFolder];
  const folders = [...new Set(beside.map((folder) => join(folder, 'environments')))];
  const path = isPath(given) ? pathOf(given, config) : await byName(given, folders);
  const shown = shownIn(config.projectFolder, path);
  return { path, shown, reading: readEnvironment(await readText(path), { file: shown }) };
}

function isPath(given: string): boolean {
  return /[/\\]|\.(ya?ml|json)$/.test(given);
}

/** Relative to where the user is; one that a run recorded, to its project. */
function pathOf(given: string, { projectFolder }: Config): string {
  return existsSync(resolve(given)) ? resolve(given) : resolve(projectFolder, given);
}

async function byName(name: string, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const path = endings.map((ending) => join(folder, `${name}${ending}`)).find((candidate) => existsSync(candidate));
    if (path !== undefined) return path;
  }
  const known = (await Promise.all(folders.map(namesIn))).flat();
  const near = closestName(name, known);
  const hint =
    near === undefined ? (known.length === 0 ? ' There is none.' : ` There are: ${known.join(', ')}.`) : ` Did you mean '${near}'?`;
  throw new ExosphereError(
    'environment-unknown',
    `There is no environment '${name}': no ${join(folders[0] ?? 'environments', `${name}.yml`)}.${hint}`,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []); // it may not exist
  return names.flatMap((name) => endings.filter((ending) => name.endsWith(ending)).map((ending) => name.slice(0, -ending.length)));
}

function shownIn(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith('..') ? path : inside;
}

/**
 * The values of an environment's secrets, and the names of those that have none here.
 *
 * @throws ExosphereError `file-unreadable`
 */
export async function environmentSecrets(
  { secrets }: Environment,
  path: string,
  variable: Config['variable'],
): Promise<{ readonly values: ReadonlyMap<string, string>; readonly missing: ReadonlyMap<string, string> }> {
  const values = new Map<string, string>();
  const missing = new Map<string, string>();
  for (const [name, source] of Object.entries(secrets)) {
    const value =
      source.kind === 'literal' ? source.value : source.kind === 'variable' ? variable(source.name) : await fileText(path, source.path);
    if (value === undefined || value === '') missing.set(name, missingText(source));
    else values.set(name, value);
  }
  return { values, missing };
}

function missingText(source: Environment['secrets'][string]): string {
  switch (source.kind) {
    case 'literal':
      return 'its value in the environment is empty';
    case 'variable':
      return `the variable ${source.name} is not set`;
    case 'file':
      return `the file '${source.path}' is not there, or is empty`;
  }
}

/** Without the line break at its end, which editors put there. */
async function fileText(environmentPath: string, path: string): Promise<string | undefined> {
  try {
    return (await readFile(resolve(dirname(environmentPath), path), 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new ExosphereError('file-unreadable', `The secret's file '${path}' cannot be read: ${String(cause)}.`, { cause });
  }
}
