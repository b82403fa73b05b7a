import { createHash } from 'node:crypto';

/** Where a secret belongs. */
export interface SecretPlace {
  readonly project: string;
  /** `project/name` of the one cluster that may read it; null: every cluster of the project. */
  readonly cluster: string | null;
  readonly name: string;
}

/** The place as one text: what is sealed is bound to it. */
export function placeText({ project, cluster, name }: SecretPlace): string {
  return JSON.stringify([project, cluster, name]);
}

/** The name of the file for a place. Names of secrets may differ in case only, which some file systems ignore. */
export function fileNameOf(place: SecretPlace): string {
  return `${createHash('sha256').update(placeText(place)).digest('hex')}.json`;
}
