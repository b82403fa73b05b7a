import { exitCodes } from '../exit-code.ts';

/** Ctrl-C and its like, as a signal that a command ends by. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on the process ends at once again. */
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C may come several times: from the terminal, and from each launcher (npx, ours) that hands it on. */
const sameWithinMs = 500;

/**
 * Listens for Ctrl-C: the first one aborts the signal, so that the command ends in order; a second one ends the process at once.
 *
 * @param onFirst says what happens now
 */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let firstAt = 0;
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt >= sameWithinMs) process.exit(exitCodes.interrupted);
      return;
    }
    firstAt = performance.now();
    controller.abort(new DOMException('Interrupted', 'AbortError'));
    onFirst();
  };
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, dispose: () => signals.forEach((name) => process.off(name, interrupt)) };
}
