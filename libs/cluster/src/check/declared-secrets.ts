import { join } from '../read/collection-shapes.ts';
import type { Place, Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import type { SourceEntry, SourceNode, SourceScalar } from '../read/source-node.ts';
import { kindAlone } from '../read/source-node.ts';
import { identifierPattern } from '../read/step-shape.ts';
import { hasPlaceholder } from './has-placeholder.ts';

/** The secrets that a cluster declares, and the values that the file gives to some of them. */
export interface DeclaredSecrets {
  readonly names: readonly string[];
  readonly literals: readonly LiteralSecret[];
}

export interface LiteralSecret {
  readonly name: string;
  readonly value: string;
  readonly node: SourceScalar;
}

/** Shortest value that is looked for in the rest of the file: shorter ones are found in any text. */
const leastTelling = 8;

/** Reads `secrets`: a mapping, a list of one-key mappings, or a list of names. */
export function declaredSecrets(secrets: Found<SourceNode> | undefined, text: string, report: Report): DeclaredSecrets {
  if (secrets === undefined) return { names: [], literals: [] };
  const names = new Map<string, string>();
  const literals: LiteralSecret[] = [];
  for (const { name, place, value } of declarations(secrets, report)) {
    if (!isNew(name, place, { names, report })) continue;
    names.set(name.toLowerCase(), name);
    const literal = literalOf({ name, place, value }, report);
    if (literal !== null) literals.push(literal);
  }
  warnOfLiterals(secrets, literals, report);
  for (const literal of literals) warnOfRepetition(literal, { literals, text, report });
  return { names: [...names.values()].sort(), literals };
}

interface Declaration {
  readonly name: string;
  readonly place: Place;
  readonly value: SourceNode | null;
}

function declarations({ node, at, start }: Found<SourceNode>, report: Report): readonly Declaration[] {
  const ofEntry = ({ key, keySpan, value }: SourceEntry): Declaration => ({
    name: key,
    place: { start: keySpan.start, at: join(at, key) },
    value,
  });
  if (node.kind === 'map') return node.entries.map(ofEntry);
  const expected = 'expected a mapping, a list of one-key mappings, or a list of names';
  if (node.kind === 'scalar') {
    report.error('wrong-type', { start, at }, `'${at}' is ${kindAlone(node)}, ${expected}.`);
    return [];
  }
  return node.items.flatMap((item, index) => {
    if (item.kind === 'map') return item.entries.map(ofEntry);
    const place = { start: item.start, at: join(at, index) };
    if (item.kind === 'scalar' && typeof item.value === 'string') return [{ name: item.value, place, value: null }];
    report.error('bad-secret', place, `A secret is ${kindAlone(item)}, expected a name, or a name with its value.`);
    return [];
  });
}

function isNew(
  name: string,
  place: Place,
  { names, report }: { readonly names: ReadonlyMap<string, string>; readonly report: Report },
): boolean {
  if (!identifierPattern.test(name)) {
    const message = "This is no name of a secret: it takes letters, digits, '_' and '-', and begins with a letter or '_'.";
    report.error('bad-name', place, message);
    return false;
  }
  if (!names.has(name.toLowerCase())) return true;
  report.error('duplicate-secret', place, `The secret '${name}' is declared twice (upper and lower case make no difference).`, {
    found: name,
  });
  return false;
}

/** The value that the file gives, if it gives one. Messages never repeat it. */
function literalOf({ name, place, value }: Declaration, report: Report): LiteralSecret | null {
  if (value === null || (value.kind === 'scalar' && (value.value === null || value.value === ''))) return null;
  if (value.kind !== 'scalar') {
    const found = value.kind === 'map' ? 'a mapping' : 'a list';
    report.error('bad-secret', place, `The value of the secret '${name}' is ${found}, expected a text, or nothing.`, { found: name });
    return null;
  }
  const text = typeof value.value === 'string' ? value.value : value.raw;
  if (hasPlaceholder(text)) {
    report.error('bad-secret', place, `The value of the secret '${name}' is a template. Write the value, or only the name.`, {
      found: name,
    });
    return null;
  }
  if (value.shared) {
    const message = `The value of the secret '${name}' has an anchor or is an alias, so it would stay in the stored file. Write it out, or only the name.`;
    report.error('shared-secret', place, message, { found: name });
  }
  return { name, value: text, node: value };
}

function warnOfLiterals({ start, at }: Place, literals: readonly LiteralSecret[], report: Report): void {
  if (literals.length === 0) return;
  const names = literals.map(({ name }) => name);
  const message = `The file holds the values of ${names.join(', ')}. They move into the vault; whoever has the file has them too. Better: only the names here, the values by \`exo secrets set\`.`;
  report.warning('literal-secret', { start, at }, message, { found: names });
}

interface Repetition {
  readonly literals: readonly LiteralSecret[];
  readonly text: string;
  readonly report: Report;
}

/** A value that also stands elsewhere stays in the stored file. */
function warnOfRepetition({ name, value }: LiteralSecret, { literals, text, report }: Repetition): void {
  if (value.length < leastTelling) return;
  for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + value.length)) {
    const at = start;
    if (literals.some(({ node }) => node.start <= at && at < node.end)) continue;
    const message = `The value of the secret '${name}' also stands here, where it is not taken out of the stored file. Read it as \${{ secrets.${name} }}.`;
    report.warning('secret-elsewhere', { start, at: '' }, message, { found: name });
  }
}

/** The text of a file without the values of its secrets: `null` in their place, so that it reads as names alone. */
export function withoutSecrets(text: string, literals: readonly LiteralSecret[]): string {
  const spans = literals.map(({ node }) => node).toSorted((a, b) => b.start - a.start);
  return spans.reduce((cut, { start, end }) => {
    const lineEnd = /\r?\n$/.exec(cut.slice(start, end))?.[0] ?? '';
    return `${cut.slice(0, start)}null${lineEnd}${cut.slice(end)}`;
  }, text);
}
