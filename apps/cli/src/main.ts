import { commandHelp, generalHelp } from './command/help.ts';
import { readArguments } from './command/read-arguments.ts';
import { commands } from './commands.ts';
import { readConfig } from './compose/config.ts';
import type { ExitCode } from './exit-code.ts';
import { exitCodes } from './exit-code.ts';
import { createOutput } from './output/output.ts';
import { reportError } from './output/report-error.ts';

/** Runs `exo` with these arguments and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly);
  const code = await run(args);
  process.exitCode = code;
}

async function run(args: readonly string[]): Promise<ExitCode> {
  const isJson = args.includes('--json');
  const isTerminal = (isJson ? process.stderr : process.stdout).isTTY;
  const plain = createOutput({ stdout: process.stdout, stderr: process.stderr, isJson, isColoured: isTerminal });
  try {
    const reading = await readArguments(args, commands);
    if (reading.kind === 'help') {
      process.stdout.write(reading.command === null ? generalHelp(commands, reading.group) : commandHelp(reading.command));
      return exitCodes.ok;
    }
    const { command, operands, options } = reading;
    const config = readConfig({ project: options.text('project'), noColor: options.flag('no-color'), isTerminal });
    const out = createOutput({
      stdout: process.stdout,
      stderr: process.stderr,
      isJson: options.flag('json'),
      isColoured: config.isColoured,
    });
    const runCommand = await command.load();
    return await runCommand({ operands, options, config, commands, out });
  } catch (error) {
    return reportError(error, plain);
  }
}

/** `exo … | head`: nobody reads on, which is no error. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
}
