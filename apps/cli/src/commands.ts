import type { Command } from './command/command.ts';
import { fileCommands } from './commands/file-commands.ts';
import { machineCommands } from './commands/machine-commands.ts';
import { runCommands } from './commands/run-commands.ts';

/** All commands, in the order of the help. Their code is loaded when they run. */
export const commands: readonly Command[] = [...fileCommands, ...runCommands, ...machineCommands];
