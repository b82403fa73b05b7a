import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The installed version of each package. Some do not export their `package.json`, so it is looked for where npm puts it. */
export function versionsOf(packages: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

function versionOf(name: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const text = textOf(join(folder, 'node_modules', name, 'package.json'));
    if (text !== null) return (JSON.parse(text) as { readonly version: string }).version; // as npm wrote it
  }
  return 'unknown';
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not in this folder
  }
}
