import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What `exo run --json` says of a run, as far as the demo looks at it. */
export interface RunSummary {
  readonly run: string;
  readonly status: string;
  readonly seconds: number | null;
  readonly logs: string;
  readonly steps: readonly {
    readonly step: string;
    readonly completed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly cancelled: number;
  }[];
}

export const repository = join(import.meta.dirname, '../../../..');

/** Runs an example with the real command. Its progress goes to where ours goes; null: it gave no result, and said why. */
export async function runExample(
  example: string,
  environment: string,
  folder: string,
): Promise<{ code: number; summary: RunSummary | null }> {
  const exo = join(repository, 'apps/cli/bin/exo.js');
  const args = [exo, 'run', join(repository, 'examples', example, 'cluster.yml'), '--env', environment, '--project', folder, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit, signal) => {
      if (signal !== null) console.error(`exo was ended by ${signal}. Run the demo again: it starts anew, with new parties.`);
      resolve(exit ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed = text.trim() === '' ? null : (JSON.parse(text) as Partial<RunSummary>); // what exo documents
  return { code, summary: parsed?.steps === undefined ? null : (parsed as RunSummary) }; // a report has steps, an error has none
}
