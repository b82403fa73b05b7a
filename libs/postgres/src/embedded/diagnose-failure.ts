import { EmbeddedDatabaseError, useOwnDatabase } from './embedded-database-error.ts';
import type { EmbeddedFailure } from './embedded-database-error.ts';
import { lastLines } from './server-log.ts';

export interface ServerFailure {
  /** What we were about: `start`, `create` */
  readonly doing: 'create' | 'start';
  readonly dataDirectory: string;
  readonly exitCode: number | null;
  /** What the server, or initdb, wrote. English: we start them with LC_ALL=C. */
  readonly output: string;
}

type Verdict = Pick<EmbeddedFailure, 'code' | 'found' | 'advice' | 'retryable'>;

interface Symptom {
  readonly pattern: RegExp;
  readonly verdict: (failure: ServerFailure) => Verdict;
}

const symptoms: readonly Symptom[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    verdict: ({ dataDirectory }) => ({
      code: 'embedded-disk-full',
      found: `The disk of the embedded database is full (${dataDirectory})`,
      advice: `Make room on it, then try again: nothing that was committed is lost. ${useOwnDatabase}`,
      retryable: true,
    }),
  },
  {
    pattern: /Address already in use|could not bind IPv4 address/i,
    verdict: () => ({
      code: 'embedded-port-taken',
      found: 'Another program took the port of the embedded database',
      advice: 'Try again: another port is chosen.',
      retryable: true,
    }),
  },
  {
    pattern: /pre-existing shared memory block|lock file "postmaster\.pid" already exists/i,
    verdict: ({ dataDirectory }) => ({
      code: 'embedded-in-use-elsewhere',
      found: `Another server still uses the data in ${dataDirectory}`,
      advice: 'End that server (its number is in the log below), or wait for it to end, then try again.',
      retryable: true,
    }),
  },
  {
    pattern: /Cannot allocate memory|could not map anonymous shared memory|out of memory/i,
    verdict: () => ({
      code: 'embedded-out-of-memory',
      found: 'The embedded database got no memory',
      advice: `It needs about 300 MB: end other programs, or raise the limit of this container. ${useOwnDatabase}`,
      retryable: true,
    }),
  },
  {
    pattern: /database files are incompatible with server|initialized by PostgreSQL version/i,
    verdict: ({ dataDirectory }) => ({
      code: 'embedded-wrong-version',
      found: `The data in ${dataDirectory} are of another PostgreSQL than this release brings`,
      advice: `Go on with the release that made them and dump them with pg_dump, or move them away to begin anew. ${useOwnDatabase}`,
    }),
  },
  {
    pattern: /error while loading shared libraries|could not load library|version `GLIBC|Library not loaded/i,
    verdict: () => ({
      code: 'embedded-unsupported-platform',
      found: 'The PostgreSQL binaries do not run on this system',
      advice: 'Set DATABASE_URL to a PostgreSQL 15 or newer of your own.',
    }),
  },
  {
    pattern: /Permission denied|has wrong ownership|has invalid permissions|Read-only file system|Operation not permitted/i,
    verdict: ({ dataDirectory }) => ({
      code: 'embedded-folder-unusable',
      found: `The embedded database may not use ${dataDirectory}`,
      advice: `That folder must belong to the server's user, with mode 0700. ${useOwnDatabase}`,
    }),
  },
  {
    pattern:
      /PANIC:|could not locate a valid checkpoint|could not (open|read|access) (file|directory)|invalid (checkpoint|primary|magic)|incorrect checksum|control file|is not a valid data directory|syntax error in file|configuration file .* contains errors/i,
    verdict: ({ dataDirectory }) => ({
      code: 'embedded-damaged',
      found: `The data of the embedded database are damaged (${dataDirectory})`,
      advice: `Put a backup in their place, or move that folder away to begin with an empty database. ${useOwnDatabase}`,
    }),
  },
];

/** One clear error of what a server that did not start, or an initdb that failed, left in its log. */
export function diagnoseFailure(failure: ServerFailure): EmbeddedDatabaseError {
  const known = symptoms.find(({ pattern }) => pattern.test(failure.output));
  return new EmbeddedDatabaseError({ ...(known?.verdict(failure) ?? unknownFailure(failure)), log: lastLines(failure.output) });
}

function unknownFailure({ doing, dataDirectory, exitCode }: ServerFailure): Verdict {
  const how = exitCode === null ? 'it was killed' : `exit code ${exitCode}`;
  return {
    code: 'embedded-start-failed',
    found: `The embedded database in ${dataDirectory} did not ${doing === 'create' ? 'come into being' : 'start'} (${how})`,
    advice: `The log says why. ${useOwnDatabase}`,
    // Killed from outside (out of memory, an impatient user): the next start recovers what was committed.
    retryable: exitCode === null,
  };
}
