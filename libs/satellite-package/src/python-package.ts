import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { InternalError } from '@exosphere/model';
import type { PackageFile } from './package-folder.ts';
import { packageFolder } from './package-folder.ts';

/** The Python package that serves requests in a container, as it lies in a build context. */
export async function pythonPackage(): Promise<readonly PackageFile[]> {
  const manifest = findPackageJSON('@exosphere/satellite-python', import.meta.url);
  if (manifest === undefined) throw new InternalError("the package '@exosphere/satellite-python' is not installed");
  const files = await packageFolder(join(dirname(manifest), 'src/exosphere_satellite'));
  return files
    .filter(({ path }) => path.endsWith('.py') || path === 'py.typed')
    .map((file) => ({ ...file, path: `exosphere_satellite/${file.path}` }));
}
