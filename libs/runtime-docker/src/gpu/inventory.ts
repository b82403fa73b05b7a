import { readFile } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import { declaredGpus } from './declared-gpus.ts';
import type { Gpu } from './gpu.ts';
import { askNvidiaSmi } from './nvidia-smi.ts';

/** The graphics cards of this host, as far as containers may use them. */
export interface GpuInventory {
  readonly gpus: readonly Gpu[];
  readonly origin: 'declared' | 'nvidia-smi' | 'none';
  /** What kept cards from being found, a sentence each. */
  readonly warnings: readonly string[];
}

export interface InventoryOptions {
  /** What `EXO_GPUS` says: `none`, a list as JSON, or the path of a file with one. Null: the driver is asked. */
  readonly declared: string | null;
  /** Default `nvidia-smi`, where the PATH finds it. */
  readonly nvidiaSmi?: string;
}

/**
 * Finds the graphics cards of this host. A driver that does not answer is a warning, not a failure: everything else runs without.
 *
 * @throws ExosphereError `gpus-invalid` where what is declared is not right
 */
export async function findGpus({ declared, nvidiaSmi }: InventoryOptions): Promise<GpuInventory> {
  if (declared !== null) return { gpus: await gpusOf(declared.trim()), origin: 'declared', warnings: [] };
  const answer = await askNvidiaSmi(nvidiaSmi);
  switch (answer.kind) {
    case 'gpus':
      return { gpus: answer.gpus, origin: 'nvidia-smi', warnings: answer.warnings };
    case 'absent':
      return { gpus: [], origin: 'none', warnings: [] };
    case 'broken':
      return { gpus: [], origin: 'none', warnings: [answer.warning] };
  }
}

async function gpusOf(declared: string): Promise<readonly Gpu[]> {
  if (declared === 'none') return [];
  if (/^[[{]/.test(declared)) return declaredGpus(declared, 'EXO_GPUS');
  const text = await readFile(declared, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExosphereError(
      'gpus-invalid',
      `EXO_GPUS is '${declared}', expected 'none', a list of cards as JSON, or the path of a file with one; as a file it cannot be read: ${why}`,
      { cause },
    );
  });
  return declaredGpus(text, declared);
}
