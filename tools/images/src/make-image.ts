import { findImage, importImage } from '@exosphere/testkit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needPrograms, run } from './programs.ts';
import { CannotMakeImage } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

/** Says of an image made here that it is none of its name's publisher. */
export const standInLabel = 'com.exosphere.stand-in';

/** What became of an image. */
export type Made = { readonly kind: 'was-there' } | { readonly kind: 'made'; readonly size: number };

/** Makes an image, where the engine has none of its name. */
export async function makeImage(standIn: StandIn): Promise<Made> {
  const { name, needs, changes, fill } = standIn;
  if ((await findImage(name)) !== null) return { kind: 'was-there' };
  await needPrograms([...needs, { name: 'tar', debianPackage: 'tar' }]);
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-image-'));
  try {
    await chmod(folder, 0o755); // it is the root folder of the image
    await fill(folder);
    await importFolder(name, folder, [...changes, `LABEL ${standInLabel}=true`]);
    const image = await findImage(name);
    if (image === null) throw new CannotMakeImage('the container engine took it, but does not have it');
    return { kind: 'made', size: image.size };
  } finally {
    // debootstrap mounts /proc and /sys into it: where it was killed they may still be there.
    await run('rm', ['-rf', '--one-file-system', folder]);
  }
}

async function importFolder(name: string, folder: string, changes: readonly string[]): Promise<void> {
  const whose = process.getuid?.() === 0 ? [] : ['--owner=0', '--group=0'];
  const inside = ['dev', 'proc', 'sys'].map((mounted) => `--exclude=./${mounted}/*`);
  const tar = spawn('tar', ['--create', '--numeric-owner', ...whose, ...inside, '--directory', folder, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(tar, 'close');
  await importImage(name, tar.stdout, changes);
  const [code] = (await ended) as [number | null]; // the arguments of `close`
  if (code !== 0) throw new CannotMakeImage(`tar of its folder failed (${String(code)})`);
}
