/** A file, as it stands in inputs and outputs (spec 3.5). */
export interface FileValue {
  /** `sha256:` and 64 hex digits. */
  readonly file: string;
  readonly name: string;
  readonly size: number;
  readonly 'content-type': string;
}

const digest = /^sha256:[0-9a-f]{64}$/;

/** Tells whether a text is a digest of ours: `sha256:` and 64 hex digits. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && digest.test(text);
}

/**
 * Tells a file value from other JSON. More fields than these four are allowed (`count` of a list that became a file, or an
 * object that is a file and says more about it).
 */
export function isFileValue(value: unknown): value is FileValue {
  if (typeof value !== 'object' || value === null) return false;
  const { file, name, size, 'content-type': contentType } = value as Partial<Record<keyof FileValue, unknown>>; // fields are checked below
  return isDigest(file) && typeof name === 'string' && typeof contentType === 'string' && Number.isSafeInteger(size) && Number(size) >= 0;
}

/** The digests of all files that a value names, each once: what a commit must hold a reference to. */
export function filesIn(value: unknown): readonly string[] {
  const found = new Set<string>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const { file } = next as { file?: unknown }; // read as unknown, checked by isDigest
    if (isDigest(file)) found.add(file);
    for (const inner of Object.values(next)) open.push(inner);
  }
  return [...found];
}
