import { parseOutputSchema, schemaFault } from '@exosphere/satellite-protocol';
import { join } from '../read/collection-shapes.ts';
import { jsonOf } from '../read/data-shapes.ts';
import type { Found } from '../read/shape.ts';
import { placeInScalar } from '../read/source-file.ts';
import type { SourceFile } from '../read/source-file.ts';
import type { SourceMap } from '../read/source-node.ts';
import { valueOf } from '../read/source-node.ts';
import { hasPlaceholder } from './has-placeholder.ts';

const key = 'output-schema';

/** Checks a config's `output-schema` (spec 1.2), so that a slip in the shorthand is found before a run. */
export function checkOutputSchema(config: Found<SourceMap>, file: SourceFile): void {
  const node = valueOf(config.value, key);
  if (node === undefined || node.kind === 'list') return;
  const value = jsonOf(node);
  if (value === null || (typeof value === 'string' && hasPlaceholder(value))) return;
  const at = join(config.at, key);
  const read = parseOutputSchema(value);
  const place =
    node.kind === 'scalar' && 'problem' in read ? placeInScalar(file, { node, at }, read.problem.offset) : { start: node.start, at };
  const fault = 'problem' in read ? read.problem.message : schemaFault(read.schema);
  if (fault !== null) file.report.error('bad-output-schema', place, `The ${key} cannot be read: ${fault}.`);
}
