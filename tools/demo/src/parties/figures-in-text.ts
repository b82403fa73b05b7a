type Schema = Readonly<Record<string, unknown>>;

/**
 * Finds in a text what the properties of a schema name: `net-income` is the first value after `Net income`, in a table row
 * (`| Net income | 1,234 | …`) or after a colon. A property that the text does not have is left out.
 */
export function figuresInText(text: string, schema: Schema): Readonly<Record<string, string | number>> {
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null) return {};
  const found: Record<string, string | number> = {};
  const named = properties as Readonly<Record<string, Schema>>; // the properties of a JSON Schema are schemas
  for (const [key, property] of Object.entries(named)) {
    const value = valueAfter(text, key.replaceAll(/[-_]/g, ' '));
    if (value === null) continue;
    const isNumber = property['type'] === 'number' || property['type'] === 'integer';
    const number = isNumber ? numberOf(value) : null;
    if (!isNumber) found[key] = value;
    else if (number !== null) found[key] = number;
  }
  return found;
}

function valueAfter(text: string, label: string): string | null {
  const words = label
    .split(' ')
    .map((word) => word.replaceAll(/[^\w]/g, '\\$&'))
    .join('\\s+');
  const match = new RegExp(`^[|*\\s]*${words}[*\\s]*[|:]\\s*([^|\\n]+)`, 'im').exec(text);
  const value = match?.[1]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** `1,234.5`, `12.3 %` and `(12)` as numbers. */
function numberOf(value: string): number | null {
  const isNegative = /^\(.*\)$/.test(value);
  const number = Number(value.replaceAll(/[,%()\s]/g, ''));
  if (!Number.isFinite(number) || !/\d/.test(value)) return null;
  return isNegative ? -number : number;
}
