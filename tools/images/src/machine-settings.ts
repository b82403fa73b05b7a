import { findProgram, run } from './programs.ts';
import { certificates } from './root-folder.ts';

/** What npm in a build must know to reach the registry as this machine does: the content of an `npmrc`. */
export async function npmSettings(): Promise<string> {
  const registry = (await run('npm', ['config', 'get', 'registry'])).trim();
  return settings([
    ['cafile', certificates],
    ['registry', registry],
  ]);
}

/** What pip in a build must know to reach the index as this machine does: the content of a `pip.conf`. */
export async function pipSettings(): Promise<string> {
  const index = (await findProgram('pip')) === null ? '' : await run('pip', ['config', 'get', 'global.index-url']).catch(() => '');
  return `[global]\n${settings([
    ['cert', certificates],
    ['index-url', process.env['PIP_INDEX_URL'] ?? index.trim()],
  ])}`;
}

/** Lines `name=value`. An address with a password in it is left out, since it would stay in the image. */
export function settings(entries: readonly (readonly [string, string])[]): string {
  const kept = entries.filter(([, value]) => value !== '' && !/\/\/[^/]*@/.test(value));
  return kept.map(([name, value]) => `${name}=${value}\n`).join('');
}
