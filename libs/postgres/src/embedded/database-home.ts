import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The unprivileged user for whom the server runs where we are root: PostgreSQL refuses to run as root. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where the database of one project's folder lives. */
export interface DatabaseHome {
  /** The project's folder, without symbolic links. */
  readonly folder: string;
  /** `<folder>/.exosphere` */
  readonly stateFolder: string;
  /** For other programs: how to connect. Nothing of ours depends on it but the wish to keep the port. */
  readonly connectionFile: string;
  /** Holds all that follows. */
  readonly directory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Locked while somebody starts or stops the server. */
  readonly lockFile: string;
  /** Locked by the server itself for as long as one of its processes lives. */
  readonly guardFile: string;
  /** Where a copy of the binaries is kept, when the installed ones cannot be used in place. */
  readonly binariesDirectory: string;
  /** True where the server must run for another user than ours. */
  readonly asRoot: boolean;
}

export interface HomeOptions {
  readonly asRoot: boolean;
  /** Where root keeps binaries and data: `/var/lib/exosphere`. */
  readonly systemDirectory: string;
}

/** A checkout under root's own 0700 home cannot be read by the server's user, so root's databases live in a folder of the system. */
export function databaseHome(folder: string, { asRoot, systemDirectory }: HomeOptions): DatabaseHome {
  const stateFolder = join(folder, '.exosphere');
  const directory = asRoot ? join(systemDirectory, folderHash(folder)) : join(stateFolder, 'postgres');
  return {
    folder,
    stateFolder,
    connectionFile: join(stateFolder, 'db.json'),
    directory,
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'server.log'),
    lockFile: join(directory, 'start-stop.lock'),
    guardFile: join(directory, 'server.lock'),
    binariesDirectory: asRoot ? systemDirectory : directory,
    asRoot,
  };
}

/** The password lives inside the data, so that neither can be lost, copied or moved without the other. */
export function passwordFile(dataDirectory: string): string {
  return join(dataDirectory, 'exosphere.password');
}

function folderHash(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}
