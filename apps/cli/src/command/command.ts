import type { Config } from '../compose/config.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Output } from '../output/output.ts';

/** A word that a command takes: `FILE`. */
export interface Operand {
  readonly name: string;
  readonly what: string;
  readonly optional?: true;
}

/** An option that a command takes. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in the help: `NAME`. Absent: it takes none. */
  readonly value?: string;
  /** The value may be left out. */
  readonly valueOptional?: true;
  /** It may be given several times. */
  readonly many?: true;
  readonly what: string;
}

/** A command, as much of it as help, completion and the reading of arguments need; its code is loaded when it runs. */
export interface Command {
  /** `runs ls` */
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly options: readonly OptionSpec[];
  readonly details?: string;
  readonly examples?: readonly string[];
  readonly load: () => Promise<RunCommand>;
}

export type RunCommand = (call: Call) => Promise<ExitCode>;

/** One use of a command. */
export interface Call {
  readonly operands: readonly string[];
  readonly options: Options;
  readonly config: Config;
  /** All that there are. */
  readonly commands: readonly Command[];
  readonly out: Output;
}

/** The options as given. */
export interface Options {
  flag(name: string): boolean;
  /** The last value given; null: not given. `''`: given without its optional value. */
  text(name: string): string | null;
  texts(name: string): readonly string[];
}
