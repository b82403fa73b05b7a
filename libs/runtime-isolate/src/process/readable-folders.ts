import { realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InternalError } from '@exosphere/model';

function packageFile(name: string, from: string | URL): string {
  const found = findPackageJSON(name, from);
  if (found === undefined) throw new InternalError(`the package '${name}' is not installed`);
  return found;
}

/**
 * What a sandbox process may read: the packages that it is made of. Everything else of the file system, other processes and threads
 * are closed to it by Node's permission model. That stops JavaScript that got out of its isolate, not machine code.
 */
export function readableFolders(): readonly string[] {
  const isolatedVm = packageFile('isolated-vm', import.meta.url);
  const egress = packageFile('@exosphere/egress', import.meta.url);
  const packages = [
    packageFile('.', import.meta.url),
    isolatedVm,
    packageFile('node-gyp-build', pathToFileURL(isolatedVm)),
    egress,
    packageFile('undici', pathToFileURL(egress)),
    packageFile('ipaddr.js', pathToFileURL(egress)),
  ];
  // a package of a workspace is a link, and is looked up by the one path and read by the other
  const folders = new Set(packages.flatMap((file) => [`${dirname(file)}/`, `${dirname(realpathSync(file))}/`]));
  return [...folders, '/etc/alpine-release']; // node-gyp-build looks which libc this is
}
