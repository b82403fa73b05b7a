import { connectEmbedded } from '@exosphere/postgres';
import type { Config } from './config.ts';

/** A PostgreSQL that this process may use. */
export interface OpenDatabase {
  readonly url: string;
  release(): Promise<void>;
}

export interface OpenDatabaseOptions {
  readonly signal: AbortSignal;
  /** Told of what takes its time, and of what the user should know. */
  readonly onNote: (text: string) => void;
}

const worthSaying: ReadonlySet<string> = new Set([
  'waiting',
  'creating',
  'recovering',
  'port-changed',
  'connection-lost',
  'connection-restored',
]);

/** The database of DATABASE_URL, or the embedded one of the project. */
export async function openDatabase({ databaseUrl, projectFolder }: Config, { signal, onNote }: OpenDatabaseOptions): Promise<OpenDatabase> {
  if (databaseUrl !== null) return { url: databaseUrl, release: () => Promise.resolve() };
  const database = await connectEmbedded({
    folder: projectFolder,
    signal,
    onProgress: ({ kind, message }) => {
      if (worthSaying.has(kind)) onNote(`${message}…`);
    },
  });
  return { url: database.url, release: database.release };
}
