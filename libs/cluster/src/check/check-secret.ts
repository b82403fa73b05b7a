import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { ReferenceUse } from './reference-use.ts';
import type { Viewer } from './viewer.ts';

const writeOut = "Secrets are read one by one, by a name that is written out: ${{ secrets.NAME }} or ${{ secrets['NAME'] }}.";

/** Checks `secrets.NAME` and notes the grant (spec 2.2). */
export function checkSecret({ reference, place }: ReferenceUse, viewer: Viewer): void {
  const { declared, file, uses } = viewer;
  const [name, ...more] = reference.path;
  if (!viewer.secrets) {
    const message = "A secret may stand only in a step's config, input and secrets. Read it there.";
    return file.report.error('secret-not-allowed', place, message, { found: name?.kind === 'key' ? name.name : 'secrets' });
  }
  if (name?.kind !== 'key') return file.report.error('secret-access', place, writeOut, { found: 'secrets' });
  if (more.length > 0)
    return file.report.error('secret-access', place, `A secret is a text and has no fields. ${writeOut}`, { found: name.name });
  const known = declared.secrets.find((secret) => secret.toLowerCase() === name.name.toLowerCase());
  uses.grant(known ?? name.name);
  if (known !== undefined) return;
  const hint = hintOf(name.name, declared.secrets);
  const message = `The cluster declares no secret '${name.name}'; a step that runs without it fails.${didYouMean(hint.hint)} Declare it under secrets.`;
  file.report.warning('undeclared-secret', place, message, { found: name.name, ...hint });
}
