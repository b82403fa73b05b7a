import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OpenContender } from '../measure/contender.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../../../libs/expression/bench/w7.ts');

/** W7: the bench of the expression package, which measures both sides itself, slice by slice. */
export async function openExpression(): Promise<OpenContender> {
  return {
    measure: async () => {
      const { stdout } = await run(process.execPath, [script], { timeout: 600_000 });
      const microseconds = (name: string): number => {
        const found = new RegExp(`^${name}\\s+([\\d.]+) µs a template`, 'm').exec(stdout)?.[1];
        if (found === undefined) throw new TypeError(`the bench of expressions printed no figure for '${name}':\n${stdout}`);
        return Number(found);
      };
      const ours = microseconds('ours');
      return { template_us: ours, peer_template_us: microseconds('peer'), per_second: 1_000_000 / ours };
    },
    close: async () => undefined,
  };
}
