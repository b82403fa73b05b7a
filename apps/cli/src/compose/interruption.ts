import { exitCodes } from '../exit-code.ts';

/** Ctrl-C and its like, as a signal that a command ends by. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on the process ends at once again. */
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for Ctrl-C: the first one aborts the signal, so that the command ends in order; a second one ends the process at once.
 *
 * @param onFirst says what happens now
 */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new DOMException('Interrupted', 'AbortError'));
    onFirst();
  };
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, dispose: () => signals.forEach((name) => process.off(name, interrupt)) };
}
