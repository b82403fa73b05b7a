import { ExosphereError, InternalError } from '@exosphere/model';
import { UsageError } from '../command/usage-error.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import type { Output } from './output.ts';

/** What went wrong was told already, in a form of its own. */
export class Reported extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`told already; the exit code is ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Says in one message what kept a command from its end, and gives the exit code for it. */
export function reportError(error: unknown, out: Output): ExitCode {
  if (error instanceof Reported) return error.exitCode;
  const { code, message, exitCode } = describe(error);
  if (out.isJson) out.json({ error: { code, message } });
  out.note(`${out.paint('red', 'error')} ${message}`);
  if (error instanceof UsageError && error.help !== null) out.note(`Look at: ${error.help}`);
  if (exitCode === exitCodes.internal && error instanceof Error && error.stack !== undefined) out.note(out.paint('dim', error.stack));
  return exitCode;
}

function describe(error: unknown): { code: string; message: string; exitCode: ExitCode } {
  if (error instanceof UsageError) return { code: 'usage', message: error.message, exitCode: exitCodes.invalid };
  if (isAbort(error)) return { code: 'interrupted', message: 'Interrupted.', exitCode: exitCodes.interrupted };
  if (error instanceof InternalError) return { code: error.code, message: error.message, exitCode: exitCodes.internal };
  if (error instanceof ExosphereError) return { code: error.code, message: error.message, exitCode: exitCodeOf(error) };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: `${message} (this is a fault of Exosphere, please report it)`, exitCode: exitCodes.internal };
}

/** Failures that the user mends by another command line or another file. */
const ofTheUser: ReadonlySet<string> = new Set([
  'input-invalid',
  'satellite-invalid',
  'run-unknown',
  'run-not-ended',
  'run-has-ended',
  'nothing-to-retry',
  'nothing-to-resume',
  'lock-outdated',
  'lock-invalid',
  'execution-unknown',
  'gate-by-hand',
  'secret-unknown',
  'environment-invalid',
  'file-unreadable',
  'environment-unknown',
  'gpus-invalid',
]);

function exitCodeOf({ code }: ExosphereError): ExitCode {
  return ofTheUser.has(code) ? exitCodes.invalid : exitCodes.unavailable;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
