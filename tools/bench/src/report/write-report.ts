import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { jsonReport } from './json-report.ts';
import { markdownReport } from './markdown-report.ts';
import type { Report } from './result.ts';

const docs = join(import.meta.dirname, '../../../../docs');

/** Writes `performance.md` and `performance.json`; answers with their names. */
export async function writeReport(report: Report): Promise<readonly string[]> {
  const files = { 'performance.md': markdownReport(report), 'performance.json': JSON.stringify(jsonReport(report)) };
  for (const [name, text] of Object.entries(files)) {
    const path = join(docs, name);
    await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  }
  return Object.keys(files).map((name) => `docs/${name}`);
}
