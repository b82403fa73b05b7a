import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Check } from './outcome.ts';

/** The root of the repository. */
export const root = join(import.meta.dirname, '../../..');

/** Runs a program of ours with its output shown; answers with its exit code, or the signal that ended it. */
export function runNode(script: string, args: readonly string[] = []): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
}

/** A check that is one program: it passed if it ended with 0. `npmScript` mends it, or shows it alone. */
export function commandCheck(name: string, npmScript: string, script: string, args: readonly string[] = []): Check {
  return {
    name,
    run: async () => {
      const ended = await runNode(script, args);
      if (ended === 0) return { kind: 'passed', counts: null };
      return { kind: 'failed', counts: null, why: `see above (ended with ${String(ended)}; alone: npm run ${npmScript})` };
    },
  };
}
