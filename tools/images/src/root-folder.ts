import { chmod, copyFile, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram, run } from './programs.ts';
import { CannotMakeImage } from './stand-in.ts';

/** Where Debian, and OpenSSL, look for the certificates that a machine trusts. */
export const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** An entry of `/etc/passwd`. */
export interface User {
  readonly name: string;
  readonly id: number;
  readonly home: string;
}

const root: User = { name: 'root', id: 0, home: '/root' };
const nobody: User = { name: 'nobody', id: 65534, home: '/nonexistent' };

/** The folders, links and users that every small image has, with root and nobody among them. */
export async function writeSkeleton(folder: string, users: readonly User[] = []): Promise<void> {
  const names = [
    'dev',
    'etc',
    'proc',
    'root',
    'run',
    'sys',
    'tmp',
    'usr/bin',
    'usr/lib',
    'usr/lib64',
    'usr/local/bin',
    'usr/sbin',
    'var/tmp',
  ];
  for (const name of names) await mkdir(join(folder, name), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) await symlink(`usr/${name}`, join(folder, name));
  for (const name of ['tmp', 'var/tmp']) await chmod(join(folder, name), 0o1777);
  await writeUsers(folder, [root, ...users, nobody]);
  await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

async function writeUsers(folder: string, users: readonly User[]): Promise<void> {
  const line = ({ name, id, home }: User): string => `${name}:x:${String(id)}:${String(id)}:${name}:${home}:/bin/sh\n`;
  await writeFile(join(folder, 'etc/passwd'), users.map(line).join(''));
  await writeFile(join(folder, 'etc/group'), users.map(({ name, id }) => `${name}:x:${String(id)}:\n`).join(''));
}

/** Copies a program to `target` below the folder, with the shared libraries that it is linked to. */
export async function copyProgram(folder: string, program: string, target: string): Promise<void> {
  await copy(program, join(folder, target));
  const libraries = await run('ldd', [program]).catch(() => ''); // ldd fails for a program that is linked to none
  for (const library of sharedLibraries(libraries)) await copy(library, join(folder, library));
}

/** The paths in what ldd prints. */
export function sharedLibraries(ldd: string): readonly string[] {
  return [...ldd.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '');
}

/** Puts busybox and its commands into `/bin`. */
export async function copyBusybox(folder: string): Promise<void> {
  const busybox = await findProgram('busybox');
  if (busybox === null) throw new CannotMakeImage('busybox is missing: apt-get install busybox-static');
  await copyProgram(folder, busybox, '/usr/bin/busybox');
  const commands = (await run('busybox', ['--list'])).trim().split('\n');
  for (const command of commands.filter((name) => name !== 'busybox')) await symlink('busybox', join(folder, 'usr/bin', command));
}

/** Copies a file to a path below the folder, with what it links to, readable for everyone. */
export async function copy(from: string, to: string): Promise<void> {
  const source = await realpath(from);
  await mkdir(dirname(to), { recursive: true });
  await copyFile(source, to);
  await chmod(to, 0o755);
}
