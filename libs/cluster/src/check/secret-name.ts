import { checkTemplate } from '@exosphere/expression';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Found } from '../read/shape.ts';
import type { Viewer } from './viewer.ts';

/**
 * The name of a secret where one is asked for: `NAME` of one that is declared, or `${{ secrets.NAME }}`. Null where it is neither, which
 * is reported without repeating it: it may be the value itself.
 */
export function secretName(secret: Found<string>, { declared, file }: Viewer): string | null {
  const known = declared.secrets.find((name) => name.toLowerCase() === (namedBy(secret.value) ?? secret.value).toLowerCase());
  if (known !== undefined) return known;
  const written = namedBy(secret.value);
  if (written === null) {
    file.report.error(
      'bad-secret',
      secret,
      `'${secret.at}' names no secret that the cluster declares. Declare one and write its name, never the value itself.`,
    );
    return null;
  }
  const hint = hintOf(written, declared.secrets);
  const message = `The cluster declares no secret '${written}'.${didYouMean(hint.hint)} Declare it under secrets.`;
  file.report.warning('undeclared-secret', secret, message, { found: written, ...hint });
  return written;
}

function namedBy(text: string): string | null {
  const { template, errors } = checkTemplate(text);
  if (template.kind !== 'single' || errors.length > 0) return null;
  const [reference, ...more] = template.placeholder.expression.references;
  if (reference?.context !== 'secrets' || !reference.bare || more.length > 0) return null;
  const [name, ...below] = reference.path;
  return name?.kind === 'key' && below.length === 0 ? name.name : null;
}
