import type { LogCursor } from '@exosphere/ports';
import { asId, ExosphereError } from '@exosphere/model';

/** A row of log records, and how many of its records have been used. */
export interface LogPlace {
  /** The number of the transaction that wrote it: 64 bits, so text. */
  readonly writtenBy: string;
  readonly part: number;
  /** Null: all. */
  readonly used: number | null;
}

export function writeCursor({ writtenBy, part, used }: LogPlace): LogCursor {
  return asId<LogCursor>(used === null ? `${writtenBy}.${part}` : `${writtenBy}.${part}.${used}`);
}

export function readCursor(cursor: LogCursor | null): LogPlace | null {
  if (cursor === null) return null;
  const found = /^(\d{1,20})\.(\d{1,9})(?:\.(\d{1,9}))?$/.exec(cursor);
  if (found === null) throw new ExosphereError('bad-cursor', `'${cursor}' is no place in a log. Take the one that the page before gave.`);
  const [, writtenBy = '0', part = '0', used] = found;
  return { writtenBy, part: Number(part), used: used === undefined ? null : Number(used) };
}
