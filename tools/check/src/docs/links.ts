import { dirname, join, normalize } from 'node:path/posix';
import type { Problem, TextFile } from './problem.ts';

const link = /\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g;

/** Links of Markdown files that lead nowhere: a file that does not exist, or a heading that the file does not have. */
export function brokenLinks(documents: readonly TextFile[], exists: (path: string) => boolean): Problem[] {
  const headings = new Map(documents.map((document) => [document.path, anchors(document.text)]));
  return documents.flatMap((document) =>
    linksOf(document.text).flatMap(({ target, line }) => {
      const message = brokenTarget(document.path, target, headings, exists);
      return message === null ? [] : [{ file: document.path, line, message }];
    }),
  );
}

type Headings = ReadonlyMap<string, ReadonlySet<string>>;

function brokenTarget(from: string, target: string, headings: Headings, exists: (path: string) => boolean): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null; // an address of the world: not checked without a network
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), decodeURI(path)));
  if (!exists(file)) return `The link '${target}' leads to '${file}', which does not exist.`;
  if (anchor === undefined || !file.endsWith('.md')) return null;
  return headings.get(file)?.has(anchor) === true ? null : `The link '${target}' leads to a heading that '${file}' does not have.`;
}

function linksOf(text: string): { target: string; line: number }[] {
  return prose(text).flatMap(({ content, line }) => [...content.matchAll(link)].map(([, target = '']) => ({ target, line })));
}

/** The anchors that GitHub gives to the headings of a document. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const { content } of prose(text)) {
    const [, title] = /^#{1,6}\s+(.*?)\s*#*$/.exec(content) ?? [];
    if (title === undefined) continue;
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let unique = slug;
    for (let again = 1; found.has(unique); again += 1) unique = `${slug}-${String(again)}`;
    found.add(unique);
  }
  return found;
}

/** The lines of a document without its code. */
function prose(text: string): { content: string; line: number }[] {
  let fence: string | null = null;
  return text.split('\n').flatMap((content, index) => {
    const [, mark] = /^\s*(```+|~~~+)/.exec(content) ?? [];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      return [];
    }
    return fence === null
      ? [{ content: content.replace(/`[^`]*`/g, (code) => (content.startsWith('#') ? code.slice(1, -1) : '')), line: index + 1 }]
      : [];
  });
}
