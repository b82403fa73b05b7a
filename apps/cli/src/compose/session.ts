import type { Call } from '../command/command.ts';
import { createRunProgress } from '../output/run-progress.ts';
import type { RunProgress } from '../output/run-progress.ts';
import { listenForInterruption } from './interruption.ts';
import { openDatabase } from './open-database.ts';
import type { OpenDatabase } from './open-database.ts';

/** One use of a command that works on a run. */
export interface Session {
  readonly call: Call;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  readonly progress: RunProgress;
}

/** Runs a command that Ctrl-C ends in order. */
export async function inSession<T>(call: Call, work: (session: Session) => Promise<T>): Promise<T> {
  const progress = createRunProgress(call.out);
  const interruption = listenForInterruption(() =>
    progress.note('Stopping: what runs may end, nothing new starts. Ctrl-C again ends at once.'),
  );
  try {
    return await work({ call, signal: interruption.signal, progress });
  } finally {
    interruption.dispose();
  }
}

/** Has a database for as long as the work goes on. */
export async function withDatabase<T>({ call, signal, progress }: Session, work: (database: OpenDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase(call.config, { signal, onNote: (text) => progress.note(text) });
  try {
    return await work(database);
  } finally {
    await database.release();
  }
}
