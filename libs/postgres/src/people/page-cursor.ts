import { ExosphereError } from '@exosphere/model';
import type { Page } from '@exosphere/ports';

/** Where the next page starts, as text that says nothing to its reader. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @param shape what the place must consist of */
export function decodeCursor(cursor: string, shape: readonly ('string' | 'number')[]): readonly (string | number)[] {
  const place = parse(cursor);
  const fits = Array.isArray(place) && place.length === shape.length && shape.every((type, i) => typeof place[i] === type);
  if (!fits)
    throw new ExosphereError(
      'bad-cursor',
      `'${cursor}' is no cursor of this list. Take the one that the page before gave, or leave it out.`,
    );
  return place as readonly (string | number)[]; // checked above
}

/** Of one row more than was asked for: that there is another page is known without counting. */
export function pageOf<T>(rows: readonly T[], limit: number, placeOf: (row: T) => readonly (string | number)[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(placeOf(last)) : null };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // no cursor either
  }
}
