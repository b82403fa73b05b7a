import type { Operand, OptionSpec } from '../command/command.ts';

export const fileOperand: Operand = { name: 'FILE', what: 'a cluster file, YAML or JSON' };

export const runOperand: Operand = { name: 'RUN', what: "a run's id, the last characters of it, project/name#7, or latest" };

export const environmentOption: OptionSpec = {
  name: 'env',
  short: 'e',
  value: 'NAME',
  what: 'an environment: `local` is environments/local.yml beside FILE; or the path of its file',
};

/** For a run that goes on: it has an environment already. */
export const otherEnvironmentOption: OptionSpec = {
  ...environmentOption,
  what: 'another environment than the one that the run was started in',
};
