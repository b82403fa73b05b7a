import { ExosphereError, isJsonObject } from '@exosphere/model';
import type { Json } from '@exosphere/model';
import { memoryBytes } from '@exosphere/satellite-protocol';
import type { Gpu } from './gpu.ts';

const example = '[{"id": "GPU-6f1e0c1a", "driver": "nvidia", "model": "NVIDIA H100", "memory": "80GiB"}]';
const keys = ['id', 'driver', 'model', 'memory'];

/**
 * The cards that somebody declared, as JSON: a list of `{id, driver, model, memory}`, of which only `id` must be there.
 *
 * @param source where the text is from, for messages: `EXO_GPUS`
 * @throws ExosphereError `gpus-invalid`, with all that is wrong
 */
export function declaredGpus(text: string, source: string): readonly Gpu[] {
  const list = parsed(text, source);
  const faults: string[] = [];
  const gpus = list.map((value, index) => gpuOf(value, index, (at, fault) => faults.push(`${source}[${String(index)}]${at} ${fault}`)));
  const ids = gpus.map(({ id }) => id).filter((id) => id !== '');
  const twice = ids.find((id, place) => ids.indexOf(id) !== place);
  if (twice !== undefined) faults.push(`${source} has the id '${twice}' twice; each card has one of its own.`);
  if (faults.length > 0) throw new ExosphereError('gpus-invalid', faults.join('\n'));
  return gpus;
}

function parsed(text: string, source: string): readonly Json[] {
  try {
    const value = JSON.parse(text) as Json; // what JSON.parse gives
    if (Array.isArray(value)) return value as readonly Json[]; // a list of JSON values
  } catch (cause) {
    throw new ExosphereError('gpus-invalid', `${source} is no JSON: ${String(cause)}. Expected a list of cards: ${example}`, { cause });
  }
  throw new ExosphereError('gpus-invalid', `${source} is no list. Expected a list of cards: ${example}`);
}

type Fault = (at: string, fault: string) => void;

function gpuOf(value: Json, index: number, fault: Fault): Gpu {
  const card = isJsonObject(value) ? value : {};
  if (!isJsonObject(value)) fault('', `is ${JSON.stringify(value)}, expected a card: ${example.slice(1, -1)}.`);
  else if (card['id'] === undefined) fault('.id', "is missing: the driver's name of the card, as 'nvidia-smi -L' prints it.");
  for (const key of Object.keys(card)) if (!keys.includes(key)) fault(`.${key}`, `is not known. Known are: ${keys.join(', ')}.`);
  const textOf = (key: string): string | null => {
    const found = card[key];
    if (found === undefined) return null;
    if (typeof found === 'string' && found !== '') return found;
    fault(`.${key}`, `is ${JSON.stringify(found)}, expected a text.`);
    return null;
  };
  const memory = textOf('memory');
  const bytes = memory === null ? null : memoryBytes(memory);
  if (memory !== null && bytes === null) fault('.memory', `is '${memory}', expected an amount of memory, as 80GiB.`);
  return { id: textOf('id') ?? '', index, driver: textOf('driver') ?? 'nvidia', model: textOf('model') ?? 'GPU', memoryBytes: bytes };
}
