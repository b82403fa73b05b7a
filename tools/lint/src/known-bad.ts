import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ESLint } from 'eslint';

/** A source text with what the lint must say of it when it stands in a given file. */
export interface Specimen {
  readonly name: string;
  /** The file in whose place it is linted. */
  readonly as: string;
  /** The rule that must refuse it. `none`: it must pass every rule that refuses another specimen. */
  readonly refusedBy: string;
  readonly text: string;
}

const folder = join(import.meta.dirname, '../fixtures');

/** Reads the specimens; the first two lines of each say `// as: <file>` and `// refused by: <rule>`. */
export async function readSpecimens(): Promise<Specimen[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const [, as, refusedBy] = /^\/\/ as: (\S+)\n\/\/ refused by: (\S+)\n/.exec(text) ?? [];
      if (as === undefined || refusedBy === undefined)
        throw new Error(`${name} must begin with '// as: <file>' and '// refused by: <rule>'`);
      return { name, as, refusedBy, text };
    }),
  );
}

/** Ids of the rules that refuse a specimen, as the repository's own configuration has them. */
export async function rulesThatRefuse(eslint: ESLint, specimen: Specimen): Promise<string[]> {
  const results = await eslint.lintText(specimen.text, { filePath: specimen.as });
  const messages = results.flatMap((result) => result.messages);
  const broken = messages.find((message) => message.fatal === true);
  if (broken) throw new Error(`${specimen.name} cannot be linted as ${specimen.as}: ${broken.message}`);
  return [...new Set(messages.map((message) => message.ruleId ?? 'unknown'))];
}
