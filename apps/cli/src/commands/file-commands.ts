import type { Command } from '../command/command.ts';
import { environmentOption, fileOperand } from './run-and-file-options.ts';

/** Commands on files. */
export const fileCommands: readonly Command[] = [
  {
    name: 'init',
    summary: 'Makes a first cluster file, with an environment',
    operands: [{ name: 'FOLDER', what: 'where; default: here', optional: true }],
    options: [],
    examples: ['exo init hello && exo run hello/cluster.yml'],
    load: async () => (await import('./init.ts')).initCommand,
  },
  {
    name: 'validate',
    summary: 'Says all that is wrong with a cluster file',
    operands: [fileOperand],
    options: [environmentOption],
    details: 'Problems go to standard error, one line each: file:line:column. Exit code 2 if one of them is an error.',
    examples: ['exo validate cluster.yml', 'exo validate cluster.yml --env local --json'],
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  {
    name: 'plan',
    summary: 'Shows what a cluster file means: its graph, what each template reads, the secrets that it needs',
    operands: [fileOperand],
    options: [environmentOption],
    examples: ['exo plan cluster.yml --env local'],
    load: async () => (await import('./plan.ts')).planCommand,
  },
  {
    name: 'lock',
    summary: 'Writes FILE.lock: the version and digest of every satellite that the file uses',
    operands: [fileOperand],
    options: [
      {
        name: 'update',
        value: 'SATELLITE',
        valueOptional: true,
        what: 'resolve this one anew, or all; without it, what the lock has stays as long as it can',
      },
    ],
    examples: ['exo lock cluster.yml', 'exo lock cluster.yml --update exospherehost/transform'],
    load: async () => (await import('./lock.ts')).lockCommand,
  },
  {
    name: 'eval',
    summary: 'Evaluates one expression, or a template, against contexts',
    operands: [{ name: 'EXPRESSION', what: 'as between ${{ and }}', optional: true }],
    options: [
      { name: 'context', short: 'c', value: 'NAME=JSON', many: true, what: 'a context: item=\'{"size": 3}\', or item=@file.json' },
      { name: 'contexts', value: 'FILE', what: 'a JSON file with contexts by name' },
      { name: 'template', what: 'EXPRESSION is a text with placeholders' },
      {
        name: 'stdin',
        what: 'JSON lines {expr, contexts} in, {kind, value} or {error: {phase, message}} out, one answer per line, in order',
      },
    ],
    details:
      'The contexts of the language can always be named, and are null where they are not given; others that are given can be named too.\nsuccess() and always() are true, failure() and cancelled() are false. NaN and Infinity are written as texts.',
    examples: [`exo eval "item.size > 2 && 'large' || 'small'" -c 'item={"size": 3}'`, `echo '{"expr": "1 + 1"}' | exo eval --stdin`],
    load: async () => (await import('./eval.ts')).evalCommand,
  },
];
