import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DatabaseHome, ServerAccount } from './database-home.ts';
import { EmbeddedDatabaseError, useOwnDatabase } from './embedded-database-error.ts';
import { systemCode } from './file-failure.ts';

const run = promisify(execFile);
const preferred = 'postgres';
/** Where no user can be added: an account that owns nothing else, on every system. */
const lastResort = 'nobody';

/** For whom the server of this home runs. Null: for ourselves. */
export async function serverAccount(home: DatabaseHome): Promise<ServerAccount | null> {
  if (!home.asRoot) return null;
  const owner = await ownerOf(home.dataDirectory);
  const accounts = await knownAccounts();
  const ofData = owner === null ? undefined : accounts.find(({ uid }) => uid === owner);
  const found =
    ofData ?? accounts.find(({ name }) => name === preferred) ?? (await addAccount()) ?? accounts.find(({ name }) => name === lastResort);
  if (found !== undefined) return found;
  throw new EmbeddedDatabaseError({
    code: 'embedded-no-account',
    found: `PostgreSQL does not run as root, and there is no user '${preferred}', none can be added, and there is no '${lastResort}'`,
    advice: `Add one (useradd --system ${preferred}), or run Exosphere as an ordinary user. ${useOwnDatabase}`,
  });
}

/** The accounts of `/etc/passwd` that are not root's. */
export function parseAccounts(passwd: string): readonly ServerAccount[] {
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 7)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => Number.isInteger(uid) && Number.isInteger(gid) && uid > 0);
}

async function knownAccounts(): Promise<readonly ServerAccount[]> {
  try {
    return parseAccounts(await readFile('/etc/passwd', 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Null where the system has no `useradd`, or does not let us use it: the caller has another choice then. */
async function addAccount(): Promise<ServerAccount | null> {
  const args = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', preferred];
  try {
    await run('useradd', args, { env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } });
  } catch {
    return null;
  }
  return (await knownAccounts()).find(({ name }) => name === preferred) ?? null;
}

async function ownerOf(file: string): Promise<number | null> {
  try {
    const { uid } = await stat(file);
    return uid === 0 ? null : uid;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
