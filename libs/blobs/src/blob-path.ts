import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';

const digestForm = /^sha256:([0-9a-f]{64})$/;

/**
 * Where the bytes of a digest lie: `<folder>/<project>/ab/cd/<digest>`, so that no folder grows too long. A project's name becomes
 * one plain folder name, whatever it holds; a digest must be one, since it comes from outputs of satellites.
 */
export function blobPath(folder: string, project: string, digest: string): string {
  const hex = digestForm.exec(digest)?.[1];
  if (hex === undefined) {
    throw new ExosphereError('blob-missing', `Found ${JSON.stringify(digest.slice(0, 80))}, expected a digest: sha256: and 64 hex digits.`);
  }
  return join(projectFolder(folder, project), hex.slice(0, 2), hex.slice(2, 4), hex);
}

function projectFolder(folder: string, project: string): string {
  return join(folder, `project-${encodeURIComponent(project).replaceAll('.', '%2E').replaceAll('*', '%2A')}`);
}
