import { createInterface } from 'node:readline';
import type { Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { Call } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { parseJson, readText } from '../compose/read-text.ts';
import { answerLine, answerText } from '../evaluation/answer-text.ts';
import { answerTo } from '../evaluation/answer.ts';
import { valueText } from '../evaluation/value-text.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';

const help = 'exo eval --help';

/** `exo eval` */
export async function evalCommand({ operands: [source], options, out }: Call): Promise<ExitCode> {
  if (options.flag('stdin')) {
    if (source !== undefined) throw new UsageError("'exo eval --stdin' reads its expressions from standard input.", help);
    return answerLines();
  }
  if (source === undefined) throw new UsageError("'exo eval' needs an EXPRESSION, or --stdin.", help);
  const contexts = await contextsOf(options.text('contexts'), options.texts('context'));
  const answer = answerTo({ source, form: options.flag('template') ? 'template' : 'expression', contexts });
  if (out.isJson) out.raw(`${answerText(answer)}\n`);
  else if ('error' in answer) out.note(`${out.paint('red', `error in ${answer.error.phase}`)} ${answer.error.message}`);
  else out.line(typeof answer.value === 'string' ? answer.value : valueText(answer.value, '\n  '));
  return 'error' in answer ? exitCodes.invalid : exitCodes.ok;
}

/** One answer per line, in order, and no faster than they are read. */
async function answerLines(): Promise<ExitCode> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (process.stdout.write(`${answerLine(line)}\n`)) continue;
    await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return exitCodes.ok;
}

async function contextsOf(file: string | null, given: readonly string[]): Promise<JsonObject> {
  const fromFile = file === null ? {} : parseJson(await readText(file), `The file '${file}'`);
  if (!isJsonObject(fromFile)) throw new UsageError(`The file '${file ?? ''}' must hold a JSON object: contexts by name.`, help);
  const contexts: Record<string, Json> = { ...fromFile };
  for (const text of given) {
    const [, name, value] = /^([A-Za-z_][\w-]*)=([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`'${text}' is no context. Write NAME=JSON, or NAME=@FILE.`, help);
    const json = value.startsWith('@') ? await readText(value.slice(1)) : value;
    contexts[name] = parseJson(json, `The context '${name}'`) as Json; // JSON.parse gives JSON
  }
  return contexts;
}
