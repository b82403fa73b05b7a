import { parseArgs } from 'node:util';
import type { Command, Options, OptionSpec } from './command.ts';
import { globalOptions } from './global-options.ts';
import { UsageError } from './usage-error.ts';

/** What stands on a command line. */
export type Reading =
  | { readonly kind: 'run'; readonly command: Command; readonly operands: readonly string[]; readonly options: Options }
  /** Of one command; null: of all. */
  | { readonly kind: 'help'; readonly command: Command | null; readonly group: string | null };

/**
 * Finds the command and reads its operands and options.
 *
 * @throws UsageError
 */
export async function readArguments(args: readonly string[], commands: readonly Command[]): Promise<Reading> {
  const words = leadingWords(args);
  const command = findCommand(words, commands);
  if (command === null) return withoutCommand(args, words, commands);
  const rest = args.slice(command.name.split(' ').length);
  const options = [...command.options, ...globalOptions];
  const { values, positionals } = await parse(withOptionalValues(rest, options), command, options);
  if (values['help'] === true) return { kind: 'help', command, group: null };
  return { kind: 'run', command, operands: checkOperands(positionals, command), options: optionsOf(values) };
}

function leadingWords(args: readonly string[]): readonly string[] {
  const end = args.findIndex((arg) => arg.startsWith('-'));
  return end === -1 ? args : args.slice(0, end);
}

/** `runs ls` before `runs`. */
function findCommand(words: readonly string[], commands: readonly Command[]): Command | null {
  for (const length of [2, 1]) {
    if (words.length < length) continue;
    const found = commands.find(({ name }) => name === words.slice(0, length).join(' '));
    if (found !== undefined) return found;
  }
  return null;
}

async function withoutCommand(args: readonly string[], words: readonly string[], commands: readonly Command[]): Promise<Reading> {
  const [first, second] = words[0] === 'help' ? words.slice(1) : words;
  if (words[0] === 'help') {
    const asked = findCommand(words.slice(1), commands);
    if (asked !== null) return { kind: 'help', command: asked, group: null };
  }
  if (first === undefined) {
    const odd = args.find((arg) => !['-h', '--help', 'help', '--no-color'].includes(arg));
    if (odd !== undefined) throw new UsageError(`exo has no option '${odd}' without a command.`, 'exo --help');
    return { kind: 'help', command: null, group: null };
  }
  const inGroup = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (inGroup.length === 0) {
    const names = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
    throw new UsageError(`There is no command '${first}'.${await didYouMean(first, names, 'exo ')}`, 'exo --help');
  }
  if (second === undefined) return { kind: 'help', command: null, group: first };
  const names = inGroup.map(({ name }) => name.split(' ')[1] ?? name);
  throw new UsageError(
    `There is no command '${first} ${second}'.${await didYouMean(second, names, `exo ${first} `)}`,
    `exo ${first} --help`,
  );
}

/** Loaded where it is needed: nearly no start of `exo` has a mistake in it. */
async function didYouMean(found: string, names: readonly string[], before: string): Promise<string> {
  const { closestName } = await import('@exosphere/cluster');
  const name = closestName(found, names);
  return name === undefined ? '' : ` Did you mean '${before}${name}'?`;
}

/** `--resume` alone becomes `--resume=`, where its value may be left out: parseArgs would take the next word. */
function withOptionalValues(args: readonly string[], options: readonly OptionSpec[]): readonly string[] {
  const optional = new Set(options.filter(({ valueOptional }) => valueOptional).map(({ name }) => `--${name}`));
  const end = args.indexOf('--');
  return args.flatMap((arg, index) => {
    if (!optional.has(arg) || (end !== -1 && index > end)) return [arg];
    const next = args[index + 1];
    return next === undefined || next.startsWith('-') ? [`${arg}=`] : [arg];
  });
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

async function parse(
  args: readonly string[],
  command: Command,
  options: readonly OptionSpec[],
): Promise<{ values: Values; positionals: readonly string[] }> {
  const known = Object.fromEntries(
    options.map(({ name, short, value, many }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: many ?? false,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(await explain(error, options), `exo ${command.name} --help`);
  }
}

async function explain(error: unknown, options: readonly OptionSpec[]): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '--?([^']+)'/.exec(message)?.[1];
  if (unknown === undefined) return message.replace(/\n[\s\S]*$/, '');
  const names = options.map(({ name }) => name);
  return `There is no option '${unknown.length === 1 ? '-' : '--'}${unknown}' here.${await didYouMean(unknown, names, '--')}`;
}

function checkOperands(positionals: readonly string[], command: Command): readonly string[] {
  const help = `exo ${command.name} --help`;
  const missing = command.operands.filter(({ optional }) => optional !== true)[positionals.length];
  if (missing !== undefined) throw new UsageError(`'exo ${command.name}' needs ${missing.name}: ${missing.what}.`, help);
  const odd = positionals[command.operands.length];
  if (odd !== undefined) throw new UsageError(`'exo ${command.name}' does not know what to do with '${odd}'.`, help);
  return positionals;
}

function optionsOf(values: Values): Options {
  const texts = (name: string): readonly string[] => [values[name] ?? []].flat().filter((value) => typeof value === 'string');
  return { flag: (name) => values[name] === true, text: (name) => texts(name).at(-1) ?? null, texts };
}
