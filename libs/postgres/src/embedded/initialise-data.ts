import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatabaseHome, ServerAccount } from './database-home.ts';
import { passwordFile } from './database-home.ts';
import { diagnoseFailure } from './diagnose-failure.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { onFiles, systemCode } from './file-failure.ts';
import { runProgram } from './run-program.ts';
import type { ServerBinaries } from './server-binaries.ts';

export interface InitialiseOptions {
  readonly account: ServerAccount | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the data directory: built under another name, then renamed, so that there is a whole one or none. Takes 0.6 s.
 * It is not on the disk yet (see `syncData`).
 */
export async function initialiseData(home: DatabaseHome, binaries: ServerBinaries, options: InitialiseOptions): Promise<void> {
  const draft = `${home.dataDirectory}.part-${randomBytes(4).toString('hex')}`;
  const password = `${draft}.password`;
  try {
    await onFiles('make', draft, async () => {
      await removeDrafts(home);
      await mkdir(draft, { mode: 0o700 });
      await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
      if (options.account !== null) await Promise.all([draft, password].map((path) => giveTo(path, options.account)));
    });
    await initdb(home, binaries, { ...options, draft, password });
    await onFiles('make', home.dataDirectory, async () => {
      await rename(password, passwordFile(draft));
      await rename(draft, home.dataDirectory);
    });
  } catch (error) {
    await onFiles('clean up', draft, () => removeDrafts(home));
    throw error;
  }
}

/**
 * Brings fresh data to the disk: initdb left that out, since it can go on while the server starts. (Measured: 0.1 s beside the start,
 * which takes as long.)
 */
export async function syncData(home: DatabaseHome, binaries: ServerBinaries, account: ServerAccount | null): Promise<void> {
  const { exitCode, output } = await runProgram(binaries.initdb, ['--sync-only', '-D', home.dataDirectory], {
    cwd: home.directory,
    account,
  });
  if (exitCode !== 0) throw diagnoseFailure({ doing: 'create', dataDirectory: home.dataDirectory, exitCode, output });
  if (process.platform === 'win32') return; // has no way to sync a folder, and needs none
  await onFiles('sync', home.directory, async () => {
    const directory = await open(home.directory, 'r');
    await directory.sync().finally(() => directory.close());
  });
}

/** The password that was made with the data. */
export async function readPassword(home: DatabaseHome): Promise<string> {
  const file = passwordFile(home.dataDirectory);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new EmbeddedDatabaseError({
      code: 'embedded-damaged',
      found: `The password of the embedded database cannot be read from ${file} (${systemCode(cause) ?? 'unreadable'})`,
      advice: `Put that file back from a backup, or move ${home.dataDirectory} away to begin with an empty database.`,
      cause,
    });
  }
}

async function initdb(
  home: DatabaseHome,
  binaries: ServerBinaries,
  { account, signal, draft, password }: InitialiseOptions & { readonly draft: string; readonly password: string },
): Promise<void> {
  const args = [
    ...['-D', draft, '--username=exosphere', `--pwfile=${password}`, '--auth=scram-sha-256', '--encoding=UTF8'],
    // Sorts by code point on every system, whatever locales that has, and never changes with a library.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--text-search-config=english'],
    ...['--no-sync', '--no-instructions'],
  ];
  const { exitCode, output } = await runProgram(binaries.initdb, args, { cwd: home.directory, account, signal });
  if (exitCode !== 0) throw diagnoseFailure({ doing: 'create', dataDirectory: home.dataDirectory, exitCode, output });
}

/** What an attempt that was killed left behind. We hold the lock: nobody works on it. */
async function removeDrafts(home: DatabaseHome): Promise<void> {
  const prefix = `${basename(home.dataDirectory)}.part-`;
  const drafts = (await readdir(home.directory)).filter((name) => name.startsWith(prefix));
  await Promise.all(drafts.map((name) => rm(join(home.directory, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })));
}

async function giveTo(path: string, account: ServerAccount | null): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid);
}
