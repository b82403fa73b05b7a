import { basename } from 'node:path/posix';
import type { Problem } from './problem.ts';

const vague = /(^|[/.-])(utils?|helpers?|common|misc|shared|lib)([/.-]|$)/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|tsx|js|sql|css)$/;

/** Source files whose name is not kebab-case, or says nothing about what is in them. */
export function badFileNames(paths: readonly string[]): Problem[] {
  return paths.flatMap((path) => {
    const inside = path.split('/').slice(2).join('/');
    const message = kebab.test(basename(path))
      ? vagueName(inside)
      : `'${basename(path)}' is not kebab-case: name it like 'retry-delay.ts'.`;
    return message === null ? [] : [{ file: path, line: 1, message }];
  });
}

function vagueName(path: string): string | null {
  const [, , word] = vague.exec(path) ?? [];
  return word === undefined ? null : `'${word}' in '${path}' says nothing about what is in it: name the concept, like 'retry-delay.ts'.`;
}
