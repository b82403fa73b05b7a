import type { ExecutionDescription } from '@exosphere/engine';
import type { Json } from '@exosphere/model';
import type { AttemptDetail } from '@exosphere/ports';
import type { Output } from './output.ts';
import { paintStatus } from './print-report.ts';
import { secondsText } from './seconds-text.ts';

const mostCharacters = 4_000;

/** Prints one execution: what it was given, what it did, why it failed. */
export function printExecution(description: ExecutionDescription, attempts: readonly AttemptDetail[], out: Output): void {
  const { name, status, error, startedAt, endedAt } = description;
  const time = startedAt === null ? '' : ` in ${secondsText((endedAt - startedAt) / 1_000)}`;
  const word = status === 'skipped' ? status : paintStatus(status, out);
  out.line(`${out.paint('bold', name)} ${word}${time}, ${description.attempts} attempt${description.attempts === 1 ? '' : 's'}`);
  if (error !== null) out.line(`  ${out.paint('red', error.message)} ${out.paint('dim', `[${error.code}]`)}`);
  for (const [ancestor, parent] of Object.entries(description.parents)) out.line(`  from ${ancestor}: ${parent}`);
  if (description.children.length > 0) out.line(`  to ${description.children.join(', ')}`);
  if (attempts.length > 0) out.line('\nfailed attempts');
  for (const attempt of attempts) {
    const { message, code } = JSON.parse(attempt.error) as { readonly message: string; readonly code: string }; // written by the engine
    out.line(`  ${attempt.attempt}. ${new Date(attempt.startedAt).toISOString()} ${message} ${out.paint('dim', `[${code}]`)}`);
  }
  for (const part of ['item', 'config', 'input', 'output', 'metrics'] as const) printValue(part, description[part], out);
}

function printValue(name: string, value: Json | readonly Json[], out: Output): void {
  if (value === null || (Array.isArray(value) && value.length === 0)) return;
  const text = JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
  const shown =
    text.length <= mostCharacters
      ? text
      : `${text.slice(0, mostCharacters)}\n  … ${text.length - mostCharacters} more characters; all of it: --json`;
  out.line(`\n${name}\n  ${shown}`);
}
