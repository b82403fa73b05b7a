import { join } from 'node:path';

/** The folder of the Python package, as it goes into the build context of a satellite's image: `exosphere_satellite/`. */
export const pythonPackageFolder = join(import.meta.dirname, 'exosphere_satellite');
