import type { Command } from './command/command.ts';

/** All commands, in the order of the help. Their code is loaded when they run. */
export const commands: readonly Command[] = [
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
