import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { DockerNeeds } from '@exosphere/satellite-protocol';
import { pack } from 'tar-stream';
import { BundleFailure } from './bundle-failure.ts';
import { bundleForNode } from './bundle-for-node.ts';
import type { PackageFile } from './package-folder.ts';
import { packageFolder } from './package-folder.ts';
import { pythonPackage } from './python-package.ts';

/**
 * The context that a satellite's image is built of, as a tar archive: the files of its folder, and what runs its entry. The same files
 * give the same bytes, wherever and whenever it is made. Null: the image is not built but pulled.
 *
 * @throws BundleFailure
 */
export async function containerArchive(folder: string, { build, entry }: DockerNeeds): Promise<Uint8Array | null> {
  if (build === null) return null;
  const context = join(folder, build);
  const own = await packageFolder(context).catch((cause: unknown) => {
    throw cause instanceof BundleFailure ? cause : new BundleFailure(folder, [`'${build}' cannot be read: ${String(cause)}`], { cause });
  });
  if (!own.some(({ path }) => path === 'Dockerfile')) {
    throw new BundleFailure(folder, [`there is no Dockerfile in '${build}'; write one, or name another folder in runtime.docker.build`]);
  }
  const added = entry === null ? [] : await runnerOf(folder, entry);
  const taken = added.find(({ path }) => own.some((file) => file.path === path));
  if (taken !== undefined) throw new BundleFailure(folder, [`'${taken.path}' is put there by the build; give your file another name`]);
  return packed([...own, ...added].sort((a, b) => (a.path < b.path ? -1 : 1)));
}

/** What runs the entry: one bundle, or the Python package beside it. */
async function runnerOf(folder: string, entry: string): Promise<readonly PackageFile[]> {
  if (entry.endsWith('.py')) return pythonPackage();
  const bundle = await bundleForNode(folder, entry);
  return [{ path: 'satellite.mjs', content: Buffer.from(bundle), executable: false }];
}

async function packed(files: readonly PackageFile[]): Promise<Uint8Array> {
  const archive = pack();
  const bytes = buffer(archive);
  for (const { path, content, executable } of files) {
    archive.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0 }, Buffer.from(content));
  }
  archive.finalize();
  return bytes;
}
