import { ExosphereError } from '@exosphere/model';

export interface ServerVersion {
  /** As `server_version_num` has it: 180004. */
  readonly version: number;
  /** As people read it: `18.4`. */
  readonly name: string;
}

const least = 180_000;

/** Refuses servers that lack what our SQL needs: `uuidv7()`. */
export function requireVersion<Server extends ServerVersion>(server: Server | undefined): asserts server is Server {
  if (server !== undefined && server.version >= least) return;
  const found = server?.name ?? 'of an unknown version';
  const message = `The database server is PostgreSQL ${found}; Exosphere needs 18 or newer. Point DATABASE_URL to such a server.`;
  throw new ExosphereError('database-too-old', message);
}
