import type { OptionSpec } from './command.ts';

/** Options that every command has. */
export const globalOptions: readonly OptionSpec[] = [
  { name: 'json', what: 'one JSON document on standard output, for scripts' },
  { name: 'project', value: 'FOLDER', what: 'the folder that has .exosphere; default: the nearest one above, or this folder' },
  { name: 'no-color', what: 'no colours (also: NO_COLOR=1)' },
  { name: 'help', short: 'h', what: 'this help' },
];
