import { ExosphereError } from '@exosphere/model';
import type { WorkerReport } from '@exosphere/ports';

const againAfterMs = 30_000;

/** Hands on warnings, the same one at most every 30 s: a database that is away is said once, not at every try. */
export function quietReport(now: () => number, say: (text: string) => void): WorkerReport {
  const said = new Map<string, number>();
  return {
    warn: (message, { error }) => {
      const text = `${message}${error === undefined ? '' : `: ${reasonOf(error)}`}`;
      const last = said.get(text);
      if (last !== undefined && now() - last < againAfterMs) return;
      said.set(text, now());
      say(text);
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ExosphereError) return `${error.message} [${error.code}]${error.retryable ? ' It is tried again.' : ''}`;
  return error instanceof Error ? error.message : String(error);
}
