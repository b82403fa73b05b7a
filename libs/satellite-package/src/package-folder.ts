import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleFailure } from './bundle-failure.ts';

/** A file of a package. */
export interface PackageFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** What is built, installed or kept by tools is no part of a package. */
const left: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', '.exosphere', '.venv', '__pycache__', 'coverage']);

const mostFiles = 10_000;
const mostBytes = 256 * 2 ** 20;

/**
 * The files of a folder, in the order of their paths.
 *
 * @throws BundleFailure for a link, which could lead out of the package, and for more than 10,000 files or 256 MiB
 */
export async function packageFolder(folder: string): Promise<readonly PackageFile[]> {
  const paths = await pathsIn(folder, '');
  if (paths.length > mostFiles) throw tooLarge(folder, `${paths.length} files; ${mostFiles} are the most`);
  const files: PackageFile[] = [];
  let bytes = 0;
  for (const path of paths) {
    const { mode, size } = await stat(join(folder, path));
    bytes += size;
    if (bytes > mostBytes) throw tooLarge(folder, `more than ${mostBytes / 2 ** 20} MiB`);
    files.push({ path, content: await readFile(join(folder, path)), executable: (mode & 0o100) !== 0 });
  }
  return files;
}

async function pathsIn(folder: string, below: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (left.has(entry.name)) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await pathsIn(folder, path)));
    else if (entry.isFile()) found.push(path);
    else throw new BundleFailure(folder, [`${path} is no plain file (a link, a pipe, a device); a package holds files only`]);
  }
  return found.sort();
}

function tooLarge(folder: string, what: string): BundleFailure {
  return new BundleFailure(folder, [
    `what the image is built of is ${what}; keep data out of the package, or name another folder in runtime.docker.build`,
  ]);
}
