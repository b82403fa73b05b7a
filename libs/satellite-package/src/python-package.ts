import { pythonPackageFolder } from '@exosphere/satellite-python';
import type { PackageFile } from './package-folder.ts';
import { packageFolder } from './package-folder.ts';

/** The Python package that serves requests in a container, as it lies in a build context. */
export async function pythonPackage(): Promise<readonly PackageFile[]> {
  const files = await packageFolder(pythonPackageFolder);
  return files
    .filter(({ path }) => path.endsWith('.py') || path === 'py.typed')
    .map((file) => ({ ...file, path: `exosphere_satellite/${file.path}` }));
}
