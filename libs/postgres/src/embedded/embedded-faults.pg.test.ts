import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectEmbedded } from './connect-embedded.ts';
import { serverState } from './server-state.ts';
import { ordinaryProject, startUser, testProject } from './testing/test-project.ts';

/** These faults are made with the kernel's help: as root, on Linux, where mounting and namespaces are allowed. */
const withKernel = can('unshare', '--mount', '--pid', '--fork', 'true');

test.runIf(withKernel)('a server in another container is seen, is left alone, and is recovered once that container is gone', async () => {
  const { folder, home } = await testProject();
  const elsewhere = startUser(folder, { under: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] });
  await elsewhere.next('connected');
  elsewhere.tell('create table seen as select 7 as n');
  await elsewhere.next('answer');

  expect((await serverState(home)).kind).toBe('crashed'); // as far as our process table goes
  await expect(connectEmbedded({ folder })).rejects.toMatchObject({ code: 'embedded-in-use-elsewhere', retryable: true });
  elsewhere.tell('select n from seen');
  expect(await elsewhere.next('answer')).toMatchObject({ rows: [{ n: 7 }] });

  await elsewhere.kill();
  const here = startUser(folder);
  expect(await here.next('connected')).toMatchObject({ startedHere: true });
  here.tell('select n from seen');
  expect(await here.next('answer')).toMatchObject({ rows: [{ n: 7 }] });
  here.tell('release');
  await here.next('released');
});

test.runIf(withKernel)('a disk that is too small for the data gives a clear error, and a next try with more room works', async () => {
  const { folder, home, ...user } = await ordinaryProject();
  const disk = smallDisk(home.stateFolder, '30m', user);
  const failed = await startUser(folder, user).next('failed');
  expect(failed).toMatchObject({ code: 'embedded-disk-full', retryable: true });
  expect(failed['message']).toMatch(/^The disk of the embedded database is full .+\n {2}\| .*No space left on device/s);

  disk.resize('200m');
  const again = startUser(folder, user);
  await again.next('connected');
  again.tell('release');
  await again.next('released');
});

test.runIf(withKernel)('a disk that was filled up gives a clear error, and loses nothing', async () => {
  const { folder, home, ...user } = await ordinaryProject();
  smallDisk(home.stateFolder, '200m', user);
  const first = startUser(folder, user);
  await first.next('connected');
  first.tell('create table seen as select 7 as n');
  await first.next('answer');
  first.tell('release');
  await first.next('released');
  const filler = join(home.stateFolder, 'filler');
  await writeFile(filler, Buffer.alloc(200 * 2 ** 20)).catch((error: unknown) => expect(error).toMatchObject({ code: 'ENOSPC' }));

  expect(await startUser(folder, user).next('failed')).toMatchObject({ code: 'embedded-disk-full', retryable: true });

  await rm(filler);
  const second = startUser(folder, user);
  await second.next('connected');
  second.tell('select n from seen');
  expect(await second.next('answer')).toMatchObject({ rows: [{ n: 7 }] });
  second.tell('release');
  await second.next('released');
});

test('users that are killed again and again lose nothing that was committed', { timeout: 60_000 }, async () => {
  const { folder, home } = await testProject();
  const first = startUser(folder);
  await first.next('connected');
  first.tell('create table seen (n int primary key)');
  await first.next('answer');
  for (let n = 1; n <= 6; n += 1) {
    const user = startUser(folder);
    await user.next('connected');
    user.tell(`insert into seen values (${n})`);
    await user.next('answer');
    await user.kill();
    if (n === 2) await first.kill();
    if (n % 3 === 0) await killServer(home.dataDirectory);
  }
  const last = startUser(folder);
  await last.next('connected');
  last.tell('select array_agg(n order by n) as all from seen');
  expect(await last.next('answer')).toMatchObject({ rows: [{ all: [1, 2, 3, 4, 5, 6] }] });
  last.tell('release');
  await last.next('released');
  await vi.waitFor(async () => expect((await serverState(home)).kind).toBe('stopped'));
});

async function killServer(dataDirectory: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8'), 10);
  process.kill(pid, 'SIGKILL');
}

function smallDisk(
  folder: string,
  size: string,
  { uid = 0, gid = 0 }: { readonly uid?: number; readonly gid?: number },
): { readonly resize: (size: string) => void } {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700,uid=${uid},gid=${gid}`, 'tmpfs', folder]);
  chownSync(folder, uid, gid);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
  return { resize: (larger) => void execFileSync('mount', ['-o', `remount,size=${larger}`, folder]) };
}

function can(program: string, ...args: readonly string[]): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/proc/self/ns/pid')) return false;
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
