import { checkTemplate } from '@exosphere/expression';
import type { Json } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { Place, Report } from '../read/report.ts';

/** Reports placeholders in texts that are no templates: `name`, `title`, `vars` and the like are taken as they stand. */
export function checkPlainText(value: Json | undefined, place: Place, report: Report): void {
  if (Array.isArray(value))
    for (const item of value as readonly Json[]) checkPlainText(item, place, report); // Array.isArray gives any[]
  else if (isJsonObject(value)) for (const item of Object.values(value)) checkPlainText(item, place, report);
  else if (typeof value === 'string') checkOne(value, place, report);
}

function checkOne(text: string, place: Place, report: Report): void {
  if (!text.includes('$')) return;
  const { template } = checkTemplate(text);
  const references = template.placeholders.flatMap(({ expression }) => expression.references);
  if (references.some(({ context }) => context === 'secrets')) {
    const message = `'${place.at}' may not read a secret. Secrets may stand only in a step's config, input and secrets.`;
    report.error('secret-not-allowed', place, message, { found: 'secrets' });
  } else if (template.placeholders.length > 0) {
    report.warning('template-not-read', place, `'${place.at}' is taken as it stands: the placeholder in it is not evaluated.`);
  }
}
