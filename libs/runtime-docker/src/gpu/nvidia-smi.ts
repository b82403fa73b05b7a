import { spawn } from 'node:child_process';
import type { Gpu } from './gpu.ts';

const query = ['--query-gpu=index,uuid,name,memory.total', '--format=csv,noheader,nounits'];
/** A driver that hangs lets `nvidia-smi` hang as well. */
const limitMs = 5_000;
/** Most characters that are repeated of what it printed. */
const mostPrinted = 500;

/** What `nvidia-smi` gave. */
export type SmiAnswer =
  | { readonly kind: 'gpus'; readonly gpus: readonly Gpu[]; readonly warnings: readonly string[] }
  /** There is no such program. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly warning: string };

/** Asks the NVIDIA driver of this host for its cards. Never fails. */
export async function askNvidiaSmi(command = 'nvidia-smi', limit = limitMs): Promise<SmiAnswer> {
  const { ended, printed } = await run(command, limit);
  if (ended === null) return { kind: 'absent' };
  if (ended === 0) return readSmi(printed.out);
  const text = [printed.out, printed.err]
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .join(' ')
    .slice(0, mostPrinted);
  const how = typeof ended === 'number' ? `ended with ${String(ended)}` : ended;
  return { kind: 'broken', warning: `${command} ${how}, so no GPU is used${text === '' ? '.' : `: ${text}`}` };
}

/** Reads lines such as `0, GPU-6f1e…, NVIDIA H100 80GB HBM3, 81559`. A name may have commas in it. */
export function readSmi(text: string): SmiAnswer {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const gpus: Gpu[] = [];
  const warnings: string[] = [];
  for (const line of lines) {
    const [, index, id, model, memory = ''] = /^\s*(\d+)\s*,\s*([^,\s]+)\s*,\s*(.*?)\s*,\s*([^,]*?)\s*$/.exec(line) ?? [];
    if (index === undefined || id === undefined || model === undefined) {
      return { kind: 'broken', warning: `nvidia-smi printed '${line.slice(0, mostPrinted)}', which is no card, so no GPU is used.` };
    }
    const isKnown = /^\d+$/.test(memory);
    if (!isKnown) warnings.push(`nvidia-smi does not tell the memory of ${model} (it says '${memory}'): declare the card in EXO_GPUS.`);
    gpus.push({ id, index: Number(index), driver: 'nvidia', model, memoryBytes: isKnown ? Number(memory) * 2 ** 20 : null });
  }
  return { kind: 'gpus', gpus, warnings };
}

interface Ended {
  /** The exit code, or what became of it; null: there is no such program. */
  readonly ended: number | string | null;
  readonly printed: { readonly out: string; readonly err: string };
}

/** Without a shell. */
function run(command: string, limit: number): Promise<Ended> {
  return new Promise((resolve) => {
    const printed = { out: '', err: '' };
    const child = spawn(command, query, { stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (ended: Ended['ended']): void => {
      clearTimeout(timer);
      resolve({ ended, printed });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // one that waits for its driver inside the kernel does not even die: nobody waits for it
      child.unref();
      child.stdout.destroy();
      child.stderr.destroy();
      end(`gave no answer within ${String(limit / 1_000)} s`);
    }, limit);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
    child.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ENOENT' ? null : `could not be started (${error.message})`));
    child.once('close', (code, signal) => end(code ?? `was ended by ${String(signal)}`));
  });
}
