import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ExampleName } from '../expected-result.ts';

/** How the demo was asked for. */
export interface DemoOptions {
  readonly example: ExampleName;
  /** A real model in place of the stand-in: an OpenAI-compatible endpoint. */
  readonly model: { readonly url: string; readonly name: string } | null;
  /** A real, small model on the CPU of this machine in place of the stand-in. */
  readonly withLocalModel: boolean;
  /** So many of the 25 reports, with the corrupt one. */
  readonly reports: number;
  /** No satellite is substituted: those in containers run in containers. */
  readonly inContainers: boolean;
  /** Where `.exosphere` is kept; null: the root of the repository. */
  readonly folder: string | null;
}

export const usage = `npm run demo [-- options]

Runs the example cluster, unchanged, against parties on loopback, and compares what each of them received with what it should have.

  --example NAME    structured-pdfs (default), or structured-pdfs-corrected
  --containers      substitute no satellite: Docling and the one that asks the model run in containers (needs Docker)
  --local-model     a real, small language model on this CPU (installed at the first start; some seconds a report)
  --reports N       only so many of the 25 reports, from 2 on; the corrupt one is among them
  --llm-url URL     a real language model: the address of an OpenAI-compatible API, as http://127.0.0.1:11434/v1
  --llm-model NAME  its model; needed with --llm-url
  --folder FOLDER   keep .exosphere there; default: here
  --help            this help

With --llm-url a key may stand in the variable EXO_DEMO_LLM_KEY.
`;

const examples: readonly ExampleName[] = ['structured-pdfs', 'structured-pdfs-corrected'];

/** Reads the options. A text: what is wrong with them, or the usage. */
export function readDemoOptions(args: readonly string[]): DemoOptions | string {
  const text = { type: 'string' } as const;
  const options = {
    example: text,
    containers: { type: 'boolean' },
    'local-model': { type: 'boolean' },
    reports: text,
    'llm-url': text,
    'llm-model': text,
    folder: text,
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  if (values.help === true) return usage;
  const example = examples.find((name) => name === (values.example ?? 'structured-pdfs'));
  if (example === undefined) return `There is no example '${values.example ?? ''}'. There are: ${examples.join(', ')}.\n`;
  const { 'llm-url': url, 'llm-model': name } = values;
  if (url !== undefined && !URL.canParse(url)) return `--llm-url is '${url}', expected an address such as http://127.0.0.1:11434/v1.\n`;
  if ((url === undefined) !== (name === undefined)) return '--llm-url and --llm-model go together.\n';
  const reports = Number(values.reports ?? 25);
  if (!Number.isInteger(reports) || reports < 2 || reports > 25)
    return `--reports is '${values.reports ?? ''}', expected a number from 2 to 25.\n`;
  const withLocalModel = values['local-model'] === true;
  if (withLocalModel && url !== undefined) return '--local-model and --llm-url exclude each other.\n';
  return {
    ...{ reports, withLocalModel },
    example,
    inContainers: values.containers === true,
    model: url === undefined || name === undefined ? null : { url, name },
    folder: values.folder === undefined ? null : resolve(values.folder),
  };
}
