import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';

/** What `uses` names. */
export type Reference =
  | { readonly kind: 'satellite'; readonly reference: string; readonly range: string | null }
  | { readonly kind: 'cluster'; readonly identifier: string };

const part = '[A-Za-z0-9][A-Za-z0-9._-]*';
const registered = new RegExp(`^(?:(satellite|cluster)/)?(${part}/${part})(?:@(.+))?$`);
const versionRange = /^[0-9A-Za-z.*^~<>=|+ -]+$/;
const local = /^\.{1,2}\/\S+$/;

/** `project/name` of a cluster; `cluster/project/name` is the same thing. */
export const clusterIdentifier = new RegExp(`^(?:cluster/)?(${part}/${part})$`);

/** Reads `uses`; null where it is none, which is reported. */
export function readReference(uses: Found<string>, report: Report): Reference | null {
  if (local.test(uses.value)) return { kind: 'satellite', reference: uses.value, range: null };
  const [, kind, name, range] = registered.exec(uses.value) ?? [];
  if (name === undefined) {
    const message = `'${uses.value}' is no reference. Write satellite/project/name, project/name@1.2.0, cluster/project/name or ./folder.`;
    report.error('bad-uses', uses, message, { found: uses.value });
    return null;
  }
  if (range !== undefined && (kind === 'cluster' || !versionRange.test(range))) {
    const why =
      kind === 'cluster'
        ? "A cluster is used at its revision of the moment of applying: leave '@…' out."
        : `'${range}' is no version. Write 1.2.0 or ^1.2.`;
    report.error('bad-uses', uses, why, { found: range });
    return null;
  }
  if (kind === 'cluster') return { kind, identifier: name };
  return { kind: 'satellite', reference: `satellite/${name}`, range: range ?? null };
}
