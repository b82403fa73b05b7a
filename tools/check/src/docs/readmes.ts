import type { Problem, TextFile } from './problem.ts';

/** READMEs of packages that do not begin with a title and one sentence: what the package is responsible for. */
export function badReadmes(readmes: readonly TextFile[]): Problem[] {
  return readmes.flatMap(({ path, text }) => {
    const [title = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '');
    if (!title.startsWith('# ')) return [{ file: path, line: 1, message: 'A README begins with a title: `# name`.' }];
    const paragraph = (text.split(/\n\s*\n/)[1] ?? rest[0] ?? '').replace(/\s+/g, ' ').trim();
    return isOneSentence(paragraph)
      ? []
      : [
          {
            file: path,
            line: 3,
            message: `After the title comes one sentence that says what the package does, and found '${paragraph.slice(0, 60)}'.`,
          },
        ];
  });
}

/** Packages without a README. */
export function missingReadmes(packages: readonly string[], exists: (path: string) => boolean): Problem[] {
  const missing = packages.filter((folder) => !exists(`${folder}/README.md`));
  return missing.map((folder) => ({
    file: `${folder}/package.json`,
    line: 1,
    message: `'${folder}' has no README.md: say in one sentence what it does.`,
  }));
}

function isOneSentence(text: string): boolean {
  const words = text.replace(/`[^`]*`/g, 'code');
  return /^[A-Z`*[c]/.test(words) && words.endsWith('.') && !/[.!?]\s+[A-Z]/.test(words.slice(0, -1));
}
