import type { Command, OptionSpec } from '../command/command.ts';
import { globalOptions } from '../command/global-options.ts';
import { usageOf } from '../command/help.ts';
import { exitCodes } from '../exit-code.ts';

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'done; a run ended `completed`',
  internal: 'a fault of Exosphere',
  invalid: 'the command line or a file is wrong',
  partial: 'the run ended `partial`',
  failed: 'the run ended `failed`',
  cancelled: 'the run ended `cancelled`',
  unavailable: 'the database, the disk or this machine does not allow it',
  skipped: 'no run was made: its concurrency group is taken',
  interrupted: 'stopped by Ctrl-C or SIGTERM; an open run goes on with `exo run --resume`',
};

/** docs/exo.md, from the table of commands: `node apps/cli/src/document/main.ts` writes it. */
export function exoDocument(commands: readonly Command[]): string {
  const parts = [
    '# The command line',
    'One page of what `exo --help` and `exo COMMAND --help` say. It is written from the table of commands, and a test keeps it so.',
    '```sh\nnpm ci            # once\nnpx exo --help\n```',
    '## Exit codes',
    exitCodeTable(),
    '## Options of every command',
    optionTable(globalOptions),
    '## Variables',
    [
      '| variable | meaning |',
      '| --- | --- |',
      '| `DATABASE_URL` | a PostgreSQL 18 of your own; without it an embedded one is kept in `.exosphere` |',
      '| `XDG_CACHE_HOME` | where builds of satellites are kept; default `~/.cache` |',
      '| `NO_COLOR`, `FORCE_COLOR` | colours off, or on |',
      '| `DOCKER_HOST` | where the container engine listens; default `unix:///var/run/docker.sock` |',
      '| `EXO_GPUS` | the graphics cards that containers may use: `none`, or a list (or a file with one) such as `[{"id":"GPU-6f1e…","driver":"nvidia","model":"NVIDIA H100","memory":"80GiB"}]`; without it `nvidia-smi` is asked |',
    ].join('\n'),
    '## Commands',
    ...commands.flatMap(commandParts),
  ];
  return `${parts.join('\n\n')}\n`;
}

function exitCodeTable(): string {
  const rows = Object.entries(meanings).map(([name, meaning]) => `| ${exitCodes[name as keyof typeof meanings]} | ${meaning} |`); // its own keys
  return ['| code | meaning |', '| --- | --- |', ...rows].join('\n');
}

function commandParts(command: Command): readonly string[] {
  const { summary, operands, options, details, examples } = command;
  return [
    `### exo ${usageOf(command)}`,
    `${summary}.`,
    ...(details === undefined ? [] : [details]),
    ...(operands.length === 0 ? [] : [operands.map(({ name, what }) => `- \`${name}\`: ${cell(what)}`).join('\n')]),
    ...(options.length === 0 ? [] : [optionTable(options)]),
    ...(examples === undefined ? [] : [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``]),
  ];
}

function optionTable(options: readonly OptionSpec[]): string {
  const rows = options.map(({ name, short, value, valueOptional, what }) => {
    const argument = value === undefined ? '' : valueOptional === true ? ` [${value}]` : ` ${value}`;
    return `| \`${short === undefined ? '' : `-${short}, `}--${name}${argument}\` | ${cell(what)} |`;
  });
  return ['| option | |', '| --- | --- |', ...rows].join('\n');
}

/** In a table a bar ends the cell, and a brace of a placeholder is no Markdown. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*');
}
