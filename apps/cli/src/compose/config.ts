import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../command/usage-error.ts';

/** What this process was told by its command line and its environment: read once, checked, frozen. */
export interface Config {
  /** The folder that has (or gets) `.exosphere`. */
  readonly projectFolder: string;
  /** `.exosphere` of it. */
  readonly stateFolder: string;
  /** Where builds that any project can use are kept. */
  readonly cacheFolder: string;
  /** A PostgreSQL of the user's own; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** Folders with satellites: the product's, and the project's. */
  readonly satelliteFolders: readonly string[];
  /** Where the container engine listens: `unix:///var/run/docker.sock`. */
  readonly containerHost: string;
  /** The graphics cards that containers may use: `none`, a list as JSON, or a file with one; null: the driver is asked. */
  readonly gpus: string | null;
  readonly isColoured: boolean;
  /** A variable that an environment file names. */
  readonly variable: (name: string) => string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The repository or installation that this file is part of. */
const productFolder = resolve(import.meta.dirname, '../../../..');

/**
 * Reads the configuration. The only place that looks at the variables of the process.
 *
 * @throws UsageError
 */
export function readConfig(options: { readonly project: string | null; readonly noColor: boolean; readonly isTerminal: boolean }): Config {
  const variables: Variables = process.env;
  const projectFolder = projectFolderOf(options.project);
  return Object.freeze({
    projectFolder,
    stateFolder: join(projectFolder, '.exosphere'),
    cacheFolder: cacheFolderOf(variables, projectFolder),
    databaseUrl: databaseUrlOf(variables),
    satelliteFolders: Object.freeze([...new Set([join(productFolder, 'satellites'), join(projectFolder, 'satellites')])]),
    containerHost: variables['DOCKER_HOST'] || 'unix:///var/run/docker.sock',
    gpus: variables['EXO_GPUS']?.trim() || null,
    isColoured: isColoured(variables, options),
    variable: (name: string) => variables[name],
  });
}

function projectFolderOf(given: string | null): string {
  if (given !== null) {
    if (!existsSync(given)) throw new UsageError(`There is no folder '${given}'. Give --project one that exists.`);
    return resolve(given);
  }
  const here = process.cwd();
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.exosphere'))) return folder;
    if (folder === dirname(folder)) return here;
  }
}

/** A machine's account may have no home that it can write to: then the project keeps the builds. */
function cacheFolderOf(variables: Variables, projectFolder: string): string {
  const base = variables['XDG_CACHE_HOME'] ?? '';
  const folder = join(base.startsWith('/') ? base : join(homedir(), '.cache'), 'exosphere');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return join(projectFolder, '.exosphere', 'cache');
  }
}

function databaseUrlOf(variables: Variables): string | null {
  const url = variables['DATABASE_URL'] ?? '';
  if (url === '') return null;
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new UsageError(
      'DATABASE_URL is no address of a PostgreSQL. Write postgresql://user:password@host:5432/database, or leave it out.',
    );
  }
  return url;
}

/** As most programs do: NO_COLOR, FORCE_COLOR, then whether somebody looks. */
function isColoured(variables: Variables, { noColor, isTerminal }: { readonly noColor: boolean; readonly isTerminal: boolean }): boolean {
  if (noColor || (variables['NO_COLOR'] ?? '') !== '') return false;
  const force = variables['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0';
  return isTerminal && variables['TERM'] !== 'dumb';
}
