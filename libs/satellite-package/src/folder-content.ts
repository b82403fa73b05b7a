import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const left: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', '.exosphere', '.venv', '__pycache__', 'coverage']);

/** The files of a folder, without what is built or installed, as relative paths in order. */
async function filesOf(folder: string, below = ''): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (left.has(entry.name)) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesOf(folder, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

/** A text that stands for all files of a folder: what an image is built of. */
export async function folderContent(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await filesOf(folder)) {
    lines.push(
      `${createHash('sha256')
        .update(await readFile(join(folder, path)))
        .digest('hex')}  ${path}`,
    );
  }
  return lines.join('\n');
}
