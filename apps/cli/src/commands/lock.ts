import { ExosphereError } from '@exosphere/model';
import { imagePin } from '@exosphere/runtime-docker';
import type { Call } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { PinImage } from '../compose/image-pins.ts';
import { loadCluster } from '../compose/load-cluster.ts';
import type { LockedUse } from '../compose/lock-file.ts';
import { lockPath, readLock, writeLock } from '../compose/lock-file.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import { countDiagnostics, printDiagnostics } from '../output/print-diagnostics.ts';

/** `exo lock` */
export async function lockCommand({ operands: [file = ''], options, config, out }: Call): Promise<ExitCode> {
  const update = options.text('update');
  const before = await readLock(file);
  if (update !== null && update !== '' && before !== null && ![...before.keys()].some((uses) => names(uses, update))) {
    throw new UsageError(`The lock names no '${update}'. It names: ${[...before.keys()].join(', ')}.`, 'exo lock --help');
  }
  const keeps = update === null ? () => true : (uses: string) => update !== '' && !names(uses, update);
  const pin = pinOrWarn(imagePin({ engine: config.containerHost }), (text) => out.note(`${out.paint('yellow', 'warning')} ${text}`));
  const { uses, images, diagnostics, plan, artifacts } = await loadCluster(file, { config, environment: null, lock: keeps, pin });
  if (plan === null) {
    if (out.isJson) out.json({ file, valid: false, diagnostics });
    printDiagnostics(diagnostics, file, out);
    out.note(`${file}: ${out.paint('red', 'invalid')}, ${countDiagnostics(diagnostics)}; no lock was written`);
    return exitCodes.invalid;
  }
  for (const satellite of uses.values()) await artifacts.keep(satellite);
  const lock = new Map(
    [...uses].map(([name, { version, digest }]): [string, LockedUse] => {
      const pinned = images.get(name);
      return [name, { version, digest, ...(pinned === undefined ? {} : { images: pinned }) }];
    }),
  );
  await writeLock(file, lock);
  if (out.isJson) out.json({ file: lockPath(file), uses: Object.fromEntries(lock) });
  else {
    for (const [name, { version, digest }] of lock)
      out.line(`${changeOf(before?.get(name), digest)} ${name} ${version} ${out.paint('dim', digest)}`);
    out.line(`${lockPath(file)} written`);
  }
  return exitCodes.ok;
}

/** A lock is written also where no registry can be asked; the run asks then. */
function pinOrWarn(pin: (image: string) => Promise<string>, warn: (text: string) => void): PinImage {
  return async (image) => {
    try {
      return await pin(image);
    } catch (error) {
      if (!(error instanceof ExosphereError)) throw error;
      warn(`The image '${image}' is not pinned; each run asks what it stands for. ${error.message}`);
      return null;
    }
  };
}

/** `satellite/p/n`, `p/n` and the text of `uses` itself name a `uses`. */
function names(uses: string, wanted: string): boolean {
  const [reference = ''] = uses.split('@');
  return uses === wanted || reference === wanted || reference === `satellite/${wanted}`;
}

function changeOf(before: LockedUse | undefined, digest: string): string {
  if (before === undefined) return '+';
  return before.digest === digest ? '=' : '~';
}
