import type { Command, OptionSpec } from '../command/command.ts';
import { environmentOption, fileOperand, otherEnvironmentOption, runOperand } from './run-and-file-options.ts';

const stepOption: OptionSpec = { name: 'step', value: 'STEP', what: 'only of this step' };
const errorOption: OptionSpec = { name: 'error', value: 'TEXT', what: 'only with this in the message or the code of the error' };

/** Commands on runs. */
export const runCommands: readonly Command[] = [
  {
    name: 'run',
    summary: 'Runs a cluster here, to its end; the exit code tells how it ended',
    operands: [{ ...fileOperand, optional: true }],
    options: [
      environmentOption,
      {
        name: 'input',
        short: 'i',
        value: 'NAME=VALUE',
        many: true,
        what: 'an input; numbers, booleans, objects and lists as JSON; NAME=@FILE reads it',
      },
      {
        name: 'item',
        value: 'FILE',
        many: true,
        what: 'items of the trigger: a JSON list, one JSON value, or JSON lines (.jsonl); - is standard input',
      },
      { name: 'resume', value: 'RUN', valueOptional: true, what: 'go on with this run, or the newest interrupted one (of FILE)' },
      { name: 'origin', value: 'RUN', what: 'the run that the items come from, kept with the run' },
    ],
    details:
      'Clusters that it runs as steps are looked for beside FILE, and below clusters/ of the project.\nThe database is the one of DATABASE_URL, or an embedded PostgreSQL in .exosphere. Ctrl-C stops in order; the run stays, and goes on\nwith --resume. With --json, what became of it is one JSON document on standard output.',
    examples: ['exo run cluster.yml', 'exo run cluster.yml --env local --input limit=10', 'exo run --resume'],
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'runs ls',
    summary: 'Lists runs, the newest first',
    operands: [],
    options: [
      { name: 'cluster', value: 'PROJECT/NAME', what: 'only of this cluster' },
      {
        name: 'status',
        value: 'STATUS',
        many: true,
        what: 'only with this status: pending, running, completed, partial, failed, cancelled',
      },
      { name: 'limit', value: 'NUMBER', what: 'how many; default 20, at most 1000' },
      { name: 'after', value: 'CURSOR', what: 'the part of the list behind an earlier one' },
    ],
    load: async () => (await import('./runs/ls.ts')).lsCommand,
  },
  {
    name: 'runs show',
    summary: 'Tells what became of a run, why, and what to do next; or all of one item',
    operands: [runOperand, { name: 'ITEM', what: 'an execution: parse[3], or alert(parse[3])', optional: true }],
    options: [],
    examples: ['exo runs show latest', "exo runs show latest 'parse[3]'"],
    load: async () => (await import('./runs/show.ts')).showCommand,
  },
  {
    name: 'runs logs',
    summary: 'Prints the log records of a run, in their order',
    operands: [runOperand],
    options: [
      stepOption,
      { name: 'execution', value: 'ITEM', what: 'only of this execution: parse[3]' },
      { name: 'level', value: 'LEVEL', what: 'only of this level or above: debug, info, warn, error' },
      { name: 'follow', short: 'f', what: 'go on until the run has ended' },
    ],
    details: 'With --json one record a line.',
    load: async () => (await import('./runs/logs.ts')).logsCommand,
  },
  {
    name: 'runs retry',
    summary: 'Does again what failed or was cancelled, in a new round; nothing that completed runs again',
    operands: [runOperand],
    options: [stepOption, errorOption, { name: 'item', value: 'ITEM', what: 'only this execution: parse[3]' }, otherEnvironmentOption],
    load: async () => (await import('./runs/retry.ts')).retryCommand,
  },
  {
    name: 'runs resolve',
    summary: 'Settles one failed item by hand; what follows it goes on',
    operands: [runOperand, { name: 'ITEM', what: 'a failed execution: parse[3]' }],
    options: [
      { name: 'output', value: 'FILE', what: 'a JSON file with the object (or list) that the satellite would have returned' },
      { name: 'skip', what: 'the item is skipped' },
      otherEnvironmentOption,
    ],
    load: async () => (await import('./runs/retry.ts')).resolveCommand,
  },
  {
    name: 'runs cancel',
    summary: 'Cancels what runs and what is pending; what is done is kept. A second time stops what still cleans up',
    operands: [runOperand],
    options: [{ name: 'no-wait', what: 'do not wait for the end' }, otherEnvironmentOption],
    load: async () => (await import('./runs/control.ts')).cancelCommand,
  },
  {
    name: 'runs pause',
    summary: 'Lets nothing new start; the deadline stays',
    operands: [runOperand],
    options: [],
    load: async () => (await import('./runs/control.ts')).pauseCommand,
  },
  {
    name: 'runs resume',
    summary: 'Lets a paused run go on',
    operands: [runOperand],
    options: [],
    load: async () => (await import('./runs/control.ts')).resumeRunCommand,
  },
  {
    name: 'runs export-failed',
    summary: 'Writes failed executions with item, input, error and attempts, as JSON lines',
    operands: [runOperand],
    options: [
      stepOption,
      errorOption,
      { name: 'items', what: "only the trigger's items that they come from, each once: what exo run --item takes" },
      { name: 'output', short: 'o', value: 'FILE', what: 'where to; default: standard output' },
    ],
    examples: ['exo runs export-failed latest --items -o failed.jsonl', 'exo run cluster.yml --item failed.jsonl --origin latest'],
    load: async () => (await import('./runs/export-failed.ts')).exportFailedCommand,
  },
];
