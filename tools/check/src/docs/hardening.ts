import type { Problem, TextFile } from './problem.ts';

const row = /^\|\s*([A-Z]{2,4}-\d{2})\s*\|\s*(.*?)\s*\|\s*(.*?)\s*\|$/;
const id = /\b[A-Z]{3}-\d{2}\b/g;

/**
 * Compares the hardening table with the tests, both ways. An id is answered by a test that has it in its name, or by a reason why no test
 * is needed; an id in a test stands in the table.
 *
 * @param prefixes the families of ids, like `EXP`: other words of that shape are none of ours
 */
export function unansweredHardening(table: TextFile, tests: readonly TextFile[], prefixes: ReadonlySet<string>): Problem[] {
  const tested = new Map<string, string>();
  for (const { path, text } of tests) {
    for (const [name] of text.matchAll(id)) if (prefixes.has(name.slice(0, 3)) && !tested.has(name)) tested.set(name, path);
  }
  const listed = new Set<string>();
  const unanswered: string[] = [];
  const problems: Problem[] = [];
  for (const [index, content] of table.text.split('\n').entries()) {
    const [, name, , answer] = row.exec(content) ?? [];
    if (name === undefined || answer === undefined) continue;
    if (listed.has(name)) problems.push({ file: table.path, line: index + 1, message: `${name} stands in the table twice.` });
    listed.add(name);
    if (answer === '' && !tested.has(name)) unanswered.push(name);
  }
  if (unanswered.length > 0) {
    const message = `No test has these ids in its name, and no reason says why they need none: ${unanswered.join(', ')}.`;
    problems.push({ file: table.path, line: 1, message });
  }
  for (const [name, path] of tested) {
    if (!listed.has(name)) problems.push({ file: path, line: 1, message: `${name} is tested here, but has no row in ${table.path}.` });
  }
  return problems;
}
