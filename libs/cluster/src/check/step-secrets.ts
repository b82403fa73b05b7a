import type { TemplateNode } from '@exosphere/model';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import { join } from '../read/collection-shapes.ts';
import type { Found } from '../read/shape.ts';
import type { SourceEntry, SourceNode } from '../read/source-node.ts';
import { kindAlone } from '../read/source-node.ts';
import { checkText } from './check-template.ts';
import type { Viewer } from './viewer.ts';
import { hasPlaceholder } from './has-placeholder.ts';

/** Where a step gives secrets, and what it may give. */
export interface StepSecrets {
  /** `secrets` and `config.secrets`, as far as they are there. */
  readonly given: readonly Found<SourceNode>[];
  /** The keys that the satellite takes; null where the satellite is not known. */
  readonly keys: readonly string[] | null;
  readonly satellite: string;
}

/** The satellite's key → template of a secret. */
export function stepSecrets({ given, keys, satellite }: StepSecrets, viewer: Viewer): Readonly<Record<string, TemplateNode>> {
  const taken = new Map<string, TemplateNode>();
  for (const { entry, at } of given.flatMap((secrets) => entriesOf(secrets, viewer))) {
    const place = { start: entry.keySpan.start, at };
    if (taken.has(entry.key))
      viewer.file.report.error('repeated-key', place, `The secret '${entry.key}' is given twice.`, { found: entry.key });
    else if (keys !== null && !keys.includes(entry.key)) {
      const hint = hintOf(entry.key, keys);
      const known = keys.length === 0 ? ' It takes none.' : didYouMean(hint.hint, keys);
      viewer.file.report.error('unknown-secret-key', place, `'${satellite}' takes no secret '${entry.key}'.${known}`, {
        found: entry.key,
        ...hint,
      });
    }
    const template = templateOf(entry, at, viewer);
    if (template !== null) taken.set(entry.key, template);
  }
  return Object.fromEntries(taken);
}

interface Given {
  readonly entry: SourceEntry;
  readonly at: string;
}

function entriesOf({ node, at, start }: Found<SourceNode>, { file }: Viewer): readonly Given[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item, index) => {
    const itemAt = node.kind === 'list' ? join(at, index) : at;
    if (item.kind === 'map') return item.entries.map((entry) => ({ entry, at: join(itemAt, entry.key) }));
    const message = `'${itemAt}' is ${kindAlone(item)}, expected a mapping from the satellite's key to \${{ secrets.NAME }}.`;
    file.report.error('wrong-type', { start: node.kind === 'list' ? item.start : start, at: itemAt }, message);
    return [];
  });
}

function templateOf({ key, value }: SourceEntry, at: string, viewer: Viewer): TemplateNode | null {
  if (value.kind === 'scalar' && typeof value.value === 'string') {
    const template = checkText({ node: value, at }, value.value, viewer);
    if (template.kind !== 'literal') return { kind: 'text', source: value.value, asText: true };
    if (hasPlaceholder(value.value)) return null;
  }
  const message = `The secret '${key}' has a value in place of a name. Declare it under the cluster's secrets and write \${{ secrets.NAME }}.`;
  viewer.file.report.error('secret-value-in-step', { start: value.start, at }, message, { found: key });
  return null;
}
