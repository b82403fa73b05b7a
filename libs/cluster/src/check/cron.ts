/** Why a text is no cron expression of five fields; null where it is one. */
export function cronFault(expression: string): string | null {
  const parts = expression.trim().split(/\s+/);
  if (expression.trim().startsWith('@')) return `'${expression.trim()}' is a shorthand; write the five fields, such as 0 0 * * *`;
  if (parts.length !== fields.length) return `it has ${parts.length} fields, expected five: minute, hour, day of month, month, day of week`;
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? '';
    const fault = part
      .split(',')
      .map((item) => itemFault(item, field))
      .find((found) => found !== null);
    if (fault !== undefined) return `the ${field.name} '${part}' ${fault}`;
  }
  return null;
}

interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for the values from `least` on. */
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly CronField[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: months },
  { name: 'day of week', least: 0, most: 7, words: days },
];

function itemFault(item: string, field: CronField): string | null {
  const [, range, step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(item) ?? [];
  if (range === undefined) return `has '${item}', expected a value, a range such as 1-5, * or */15`;
  if (step !== undefined && Number(step) < 1) return `has a step of ${step}, expected one from 1 on`;
  if (range === '*') return null;
  const [from, to, ...more] = range.split('-').map((word) => valueOf(word, field));
  if (from === undefined || from === null || to === null || more.length > 0) {
    return `has '${item}', expected values from ${field.least} to ${field.most}`;
  }
  return to !== undefined && to < from ? `has the range '${range}' that ends before it begins` : null;
}

function valueOf(word: string, { least, most, words }: CronField): number | null {
  const named = words.indexOf(word.toLowerCase());
  if (named >= 0) return named + least;
  if (!/^\d{1,2}$/.test(word)) return null;
  const value = Number(word);
  return value >= least && value <= most ? value : null;
}

/** Whether a time zone of the IANA database has this name. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false; // offsets such as +01:00 are no zones
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
