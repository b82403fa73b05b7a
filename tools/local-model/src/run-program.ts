import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalModelFailure } from './local-model-failure.ts';

interface RunOptions {
  readonly signal: AbortSignal;
  /** What to say where the program is not there. */
  readonly missing: string;
  /** What to say where it fails; the end of what it printed is added. */
  readonly failed: string;
}

/** Runs a program and gives what it printed. */
export async function runProgram(name: string, args: readonly string[], { signal, missing, failed }: RunOptions): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(name, args, { signal, maxBuffer: 16 * 2 ** 20 });
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string }; // as promisified execFile fails
    if (code === 'ENOENT') throw new LocalModelFailure(missing, { cause });
    const said = stderr.trim().split('\n').slice(-3).join(' ');
    throw new LocalModelFailure(said === '' ? failed : `${failed} It said: ${said}`, { cause });
  }
}
