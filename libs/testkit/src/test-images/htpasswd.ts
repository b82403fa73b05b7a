import { ExosphereError } from '@exosphere/model';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** A line of an htpasswd file for each user, by the bcrypt of the C library, which Perl reaches and Node does not. */
export async function htpasswd(passwords: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(passwords).map(async ([user, password]) => `${user}:${await bcrypt(password)}\n`);
  return (await Promise.all(lines)).join('');
}

async function bcrypt(password: string): Promise<string> {
  const salt = `$2b$05$${randomBytes(11).toString('hex')}`; // 22 characters of bcrypt's own alphabet, of which hex digits are a part
  const { stdout } = await promisify(execFile)('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, salt]);
  if (stdout.startsWith('$2b$')) return stdout;
  throw new ExosphereError('test-registry', `Perl's crypt made '${stdout}' of a password instead of a bcrypt hash: run this on Debian`);
}
