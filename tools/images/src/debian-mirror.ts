import { readFile } from 'node:fs/promises';
import { run } from './programs.ts';
import { CannotMakeImage } from './stand-in.ts';

/** The mirror that apt of this Debian machine uses. */
export async function debianMirror(): Promise<string> {
  const release = settingsOf(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  if (release['ID'] !== 'debian') throw new CannotMakeImage('this machine is not a Debian, whose mirror it could take: pull the image');
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const mirror = mirrorOf(targets, release['VERSION_CODENAME'] ?? 'stable');
  if (mirror === null) throw new CannotMakeImage('apt has no mirror of Debian: write one into /etc/apt/sources.list, then apt-get update');
  const list = /^mirror\+file:(?<path>.+)/.exec(mirror)?.groups?.['path'];
  return list === undefined ? mirror : ((await readFile(list, 'utf8')).split(/\s/)[0] ?? mirror);
}

/** Picks the mirror of the main archive from lines of `apt-get indextargets`: address, release, component. */
export function mirrorOf(targets: string, codename: string): string | null {
  const rows = targets.split('\n').map((line) => line.split(' '));
  const main = rows.find(([, release, component]) => component === 'main' && (release === codename || release === 'stable'));
  return main?.[0] ?? null;
}

/** The `NAME=value` lines of a file of settings for the shell. */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  const entries = [...text.matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(entries);
}
