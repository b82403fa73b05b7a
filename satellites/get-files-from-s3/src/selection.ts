/** Which objects of a bucket are meant. */
export interface Selection {
  readonly prefix?: string;
  readonly recursive?: boolean;
  readonly extension?: string;
}

/**
 * What to ask S3 for. Without `recursive` a prefix names a folder, with or without its slash; with it, it is the beginning of a key.
 */
export function listingOf({ prefix = '', recursive = false }: Selection): { readonly prefix: string; readonly delimiter: '/' | null } {
  if (recursive) return { prefix, delimiter: null };
  return { prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, delimiter: '/' };
}

/** Whether a listed object is meant. Keys that end in a slash are no files: consoles write them to show empty folders. */
export function wants({ extension }: Selection, key: string): boolean {
  if (key.endsWith('/')) return false;
  if (extension === undefined) return true;
  return key.toLowerCase().endsWith(`.${extension.replace(/^\./, '').toLowerCase()}`);
}
