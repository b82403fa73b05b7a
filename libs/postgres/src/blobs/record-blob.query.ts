import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

const record = statement(
  'record blob',
  `insert into exosphere.blob (project, digest, size, host) values ($1, $2, $3, $4)
   on conflict (project, digest) do update set expires_at = greatest(blob.expires_at, excluded.expires_at)`,
);

/** Makes a blob known for 24 h; a commit that names it keeps it for longer. */
export async function recordBlob(
  session: Session,
  project: string,
  blob: { readonly digest: string; readonly size: number; readonly host: string | null },
): Promise<void> {
  await session.query(record, [project, blob.digest, blob.size, blob.host]);
}
