import type { Command, Operand, OptionSpec } from './command/command.ts';

const file: Operand = { name: 'FILE', what: 'a cluster file, YAML or JSON' };
const environment: OptionSpec = {
  name: 'env',
  short: 'e',
  value: 'NAME',
  what: 'an environment: `local` is environments/local.yml beside FILE; or the path of its file',
};

/** All commands, in the order of the help. Their code is loaded when they run. */
export const commands: readonly Command[] = [
  {
    name: 'validate',
    summary: 'Says all that is wrong with a cluster file',
    operands: [file],
    options: [environment],
    details: 'Problems go to standard error, one line each: file:line:column. Exit code 2 if one of them is an error.',
    examples: ['exo validate cluster.yml', 'exo validate cluster.yml --env local --json'],
    load: async () => (await import('./commands/validate.ts')).validateCommand,
  },
  {
    name: 'plan',
    summary: 'Shows what a cluster file means: its graph, what each template reads, the secrets that it needs',
    operands: [file],
    options: [environment],
    examples: ['exo plan cluster.yml --env local'],
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  {
    name: 'run',
    summary: 'Runs a cluster here, to its end; the exit code tells how it ended',
    operands: [{ ...file, optional: true }],
    options: [
      environment,
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
      'The database is the one of DATABASE_URL, or an embedded PostgreSQL in .exosphere. Ctrl-C stops in order; the run stays, and goes on\nwith --resume. With --json, what became of it is one JSON document on standard output.',
    examples: ['exo run cluster.yml', 'exo run cluster.yml --env local --input limit=10', 'exo run --resume'],
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'lock',
    summary: 'Writes FILE.lock: the version and digest of every satellite that the file uses',
    operands: [file],
    options: [
      {
        name: 'update',
        value: 'SATELLITE',
        valueOptional: true,
        what: 'resolve this one anew, or all; without it, what the lock has stays as long as it can',
      },
    ],
    examples: ['exo lock cluster.yml', 'exo lock cluster.yml --update exospherehost/transform'],
    load: async () => (await import('./commands/lock.ts')).lockCommand,
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
    load: async () => (await import('./commands/eval.ts')).evalCommand,
  },
];
