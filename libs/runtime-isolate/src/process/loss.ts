import { refusedToStart } from '../link/sandbox-contract.ts';

/** Why work in a process was lost. */
export interface Loss {
  readonly reason: 'crash' | 'memory' | 'timeout' | 'cancelled';
  readonly message: string;
}

/** Why a process ended that nobody ended. */
export function lossOf(code: number | null, signal: NodeJS.Signals | null, errorText: string): Loss {
  const said = errorText.trim();
  if (code === refusedToStart) return { reason: 'crash', message: said };
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
  const memory = /out of memory|allocation failed|heap limit|memory limit|catastrophic/i.test(said);
  const why = /(?:FATAL ERROR|isolate lost|\w*Error)[^\n]*/.exec(said)?.[0];
  return {
    reason: memory ? 'memory' : 'crash',
    message: `The sandbox process ended ${how}${why === undefined ? '' : `: ${why.slice(0, 300)}`}.`,
  };
}
