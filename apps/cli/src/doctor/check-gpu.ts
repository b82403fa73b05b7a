import { ExosphereError } from '@exosphere/model';
import { findGpus, gpusText } from '@exosphere/runtime-docker';
import type { GpuInventory } from '@exosphere/runtime-docker';
import type { EngineFacts } from './ask-engine.ts';
import type { Finding } from './finding.ts';

const what = 'gpu';

/**
 * The graphics cards that containers may use.
 *
 * @param engine null: there is none, which is said elsewhere
 */
export async function checkGpu(declared: string | null, engine: EngineFacts | null): Promise<Finding> {
  try {
    return findingOf(await findGpus({ declared }), engine);
  } catch (error) {
    if (!(error instanceof ExosphereError)) throw error;
    return {
      what,
      state: 'bad',
      found: error.message.split('\n').join('; '),
      advice: 'Mend EXO_GPUS, or unset it: then the driver is asked.',
    };
  }
}

function findingOf({ gpus, origin, warnings }: GpuInventory, engine: EngineFacts | null): Finding {
  const where = origin === 'declared' ? ', declared in EXO_GPUS' : '';
  if (warnings.length > 0) return { what, state: 'missing', found: `${gpusText(gpus)}${where}`, advice: warnings.join(' ') };
  if (gpus.length === 0) {
    return { what, state: 'missing', found: `no GPU${where}`, advice: 'Only satellites that ask for one need it: their items wait.' };
  }
  const found = `${gpusText(gpus)}${where}`;
  const hasDriver = engine === null || engine.runtimes.includes('nvidia') || !gpus.some(({ driver }) => driver === 'nvidia');
  if (hasDriver) return { what, state: 'good', found, advice: null };
  // an engine may use them without such a runtime, but one that has it can
  const advice = 'The engine shows no NVIDIA runtime: if containers get no GPU, install the NVIDIA Container Toolkit and restart it.';
  return { what, state: 'good', found, advice };
}
