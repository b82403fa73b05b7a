import type { Command, Operand, OptionSpec } from '../command/command.ts';

const nameOperand: Operand = { name: 'NAME', what: 'the name of a secret' };
const ofOption: OptionSpec = { name: 'of', value: 'OWNER', what: 'PROJECT: for all its clusters; PROJECT/CLUSTER: for this one alone' };

/** Commands on this machine. */
export const machineCommands: readonly Command[] = [
  {
    name: 'secrets set',
    summary: 'Seals a value in the vault of this folder; it is read from standard input, or asked for',
    operands: [nameOperand],
    options: [ofOption, { name: 'file', value: 'FILE', what: 'read the value from this file' }],
    examples: ['exo secrets set API_TOKEN --of aikin < token.txt'],
    load: async () => (await import('./secrets/secrets.ts')).setSecretCommand,
  },
  {
    name: 'secrets ls',
    summary: 'Lists the names of the secrets in the vault of this folder',
    operands: [],
    options: [],
    load: async () => (await import('./secrets/secrets.ts')).listSecretsCommand,
  },
  {
    name: 'secrets rm',
    summary: 'Removes a secret from the vault of this folder',
    operands: [nameOperand],
    options: [ofOption],
    load: async () => (await import('./secrets/secrets.ts')).removeSecretCommand,
  },
  {
    name: 'doctor',
    summary: 'Checks what Exosphere needs of this machine',
    operands: [],
    options: [],
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'completion',
    summary: 'Prints a completion script for a shell',
    operands: [{ name: 'SHELL', what: 'bash, zsh or fish' }],
    options: [],
    examples: ['eval "$(exo completion bash)"'],
    load: async () => (await import('./completion.ts')).completionCommand,
  },
];
