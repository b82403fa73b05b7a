import type { Call, Command } from '../command/command.ts';
import { globalOptions } from '../command/global-options.ts';
import { UsageError } from '../command/usage-error.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';

/** `exo completion` */
export async function completionCommand({ operands: [shell = ''], commands, out }: Call): Promise<ExitCode> {
  const script = { bash, zsh, fish }[shell];
  if (script === undefined)
    throw new UsageError(`There is no completion for '${shell}'. There is one for bash, zsh and fish.`, 'exo completion --help');
  out.raw(script(commands));
  return exitCodes.ok;
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options, ...globalOptions].map(({ name }) => `--${name}`);
}

function firstWords(commands: readonly Command[]): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))];
}

/** Words that may follow: the commands of a group. */
function groups(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [group = '', word] = name.split(' ');
    if (word !== undefined) found.set(group, [...(found.get(group) ?? []), word]);
  }
  return found;
}

function bash(commands: readonly Command[]): string {
  const groupCases = [...groups(commands)].map(
    ([group, words]) => `    ${group}) [ "$COMP_CWORD" -eq 2 ] && words="${words.join(' ')}" ;;`,
  );
  const optionCases = commands.map((command) => `    "${command.name}") options="${optionsOf(command).join(' ')}" ;;`);
  return `# eval "$(exo completion bash)"
_exo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" options="" command="\${COMP_WORDS[1]}"
  [ "$COMP_CWORD" -eq 1 ] && words="${firstWords(commands).join(' ')}"
  case "\${COMP_WORDS[1]}" in
${groupCases.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in ${[...groups(commands).keys()].join('|')}) command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" ;; esac
  case "$command" in
${optionCases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _exo exo
`;
}

function zsh(commands: readonly Command[]): string {
  return `# eval "$(exo completion zsh)"
autoload -U +X bashcompinit && bashcompinit
${bash(commands).replace(/^#.*\n/, '')}`;
}

function fish(commands: readonly Command[]): string {
  const lines = ['# exo completion fish | source'];
  for (const { name, summary } of commands) {
    const [first = '', second] = name.split(' ');
    const condition = second === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${first}`;
    lines.push(`complete -c exo -n '${condition}' -a '${second ?? first}' -d '${quoted(summary)}'`);
  }
  for (const group of groups(commands).keys()) lines.push(`complete -c exo -n '__fish_use_subcommand' -a '${group}'`);
  for (const command of commands) {
    const seen = command.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`).join('; and '); // prettier-ignore
    for (const { name, what } of command.options) lines.push(`complete -c exo -n '${seen}' -l ${name} -d '${quoted(what)}'`);
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
