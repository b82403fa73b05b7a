import type { Command, Operand, OptionSpec } from './command.ts';
import { globalOptions } from './global-options.ts';

/** The help of `exo`, or of a group as `exo runs`. */
export function generalHelp(commands: readonly Command[], group: string | null): string {
  const shown = commands.filter(({ name }) => group === null || name.startsWith(`${group} `));
  const rows = shown.map((command) => [usageOf(command), command.summary] as const);
  return [
    group === null ? 'exo runs clusters of satellites.' : `The commands of exo ${group}:`,
    '',
    ...table(rows),
    '',
    "'exo COMMAND --help' tells more. Exit codes: 0 completed, 2 wrong usage or file, 3 partial, 4 failed, 5 cancelled,",
    '6 database or machine, 7 not started (concurrency), 130 interrupted, 1 a fault of Exosphere.',
    '',
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const parts = [`exo ${usageOf(command)}${command.options.length > 0 ? ' [options]' : ''}`, '', `${command.summary}.`];
  if (command.details !== undefined) parts.push('', command.details);
  const operands = command.operands.map(({ name, what }) => [name, what] as const);
  if (operands.length > 0) parts.push('', ...table(operands));
  const rows = [...command.options, ...globalOptions].map((option) => [optionText(option), option.what] as const);
  parts.push('', 'Options', ...table(rows));
  if (command.examples !== undefined) parts.push('', 'Examples', ...command.examples.map((line) => `  ${line}`));
  return `${parts.join('\n')}\n`;
}

/** `runs show RUN` */
export function usageOf({ name, operands }: Command): string {
  return [name, ...operands.map(operandText)].join(' ');
}

function operandText({ name, optional }: Operand): string {
  return optional === true ? `[${name}]` : name;
}

function optionText({ name, short, value, valueOptional }: OptionSpec): string {
  const argument = value === undefined ? '' : valueOptional === true ? ` [${value}]` : ` ${value}`;
  return `${short === undefined ? '' : `-${short}, `}--${name}${argument}`;
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
