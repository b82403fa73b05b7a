import { text as textOf } from 'node:stream/consumers';
import type { InputDeclaration, Json, JsonObject, Plan } from '@exosphere/model';
import { UsageError } from '../command/usage-error.ts';
import { parseJson, readText } from './read-text.ts';

/** The inputs of `--input k=v`, each in the type that the cluster declares; the engine checks them. */
export async function inputsOf(given: readonly string[], { inputs }: Plan): Promise<JsonObject> {
  const values: Record<string, Json> = {};
  for (const option of given) {
    const [, name, text] = /^([^=]+)=([\s\S]*)$/.exec(option) ?? [];
    if (name === undefined || text === undefined)
      throw new UsageError(`'${option}' is no input. Write --input NAME=VALUE, or NAME=@FILE.`, 'exo run --help');
    const value = text.startsWith('@') ? await readText(text.slice(1)) : text;
    values[name] = typed(name, value, Object.hasOwn(inputs, name) ? inputs[name] : undefined);
  }
  return values;
}

function typed(name: string, text: string, declared: InputDeclaration | undefined): Json {
  switch (declared?.type) {
    case undefined:
    case 'string':
      return text;
    case 'choice':
      return declared.options?.find((option) => (typeof option === 'string' ? option : JSON.stringify(option)) === text) ?? text;
    case 'number':
    case 'boolean':
    case 'object':
    case 'array':
      return parseJson(text, `The input '${name}' is a ${declared.type}, and '${text.slice(0, 60)}'`) as Json; // JSON.parse gives JSON
  }
}

/** The items of `--item FILE`: a list gives each of its elements, JSON lines each line, anything else itself; `-` is standard input. */
export async function itemsOf(files: readonly string[]): Promise<readonly Json[] | null> {
  if (files.length === 0) return null;
  const items: Json[] = [];
  for (const file of files) {
    const text = file === '-' ? await textOf(process.stdin) : await readText(file);
    items.push(...itemsIn(text, file));
  }
  return items;
}

function itemsIn(text: string, file: string): readonly Json[] {
  if (/\.(jsonl|ndjson)$/.test(file)) {
    const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
    return lines.filter(({ line }) => line !== '').map(({ line, number }) => parseJson(line, `Line ${number} of '${file}'`) as Json); // as above
  }
  const value = parseJson(text, `The file '${file}'`) as Json; // as above
  return Array.isArray(value) ? (value as readonly Json[]) : [value]; // Array.isArray does not know readonly lists
}
