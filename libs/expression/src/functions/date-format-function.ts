import { toComparableText } from '../convert.ts';
import { evaluationError } from '../expression-error.ts';
import type { ExpressionError } from '../expression-error.ts';
import { madeText } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { textOf } from '../to-text.ts';
import type { Value } from '../value.ts';
import { writeDate } from './date-pattern.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { offsetOf } from './time-zone.ts';

const ISO_TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?(?:\s?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?$/;

const MINUTE = 60_000;
const DAYS_OF_LEAP_YEAR = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Milliseconds since 1970 of an ISO 8601 time; without a zone it is UTC. */
export function parseTime(text: string): number | undefined {
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = Array.from({ length: 6 }, (_, at) => Number(match[at + 1] ?? 0));
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const days = month === 2 && !isLeapYear(year) ? 28 : (DAYS_OF_LEAP_YEAR[month - 1] ?? 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, Math.min(second, 59), milliseconds);
  return date.getTime() - writtenOffset(match[8] ?? 'Z');
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function writtenOffset(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return (digits.startsWith('-') ? -minutes : minutes) * MINUTE;
}

const EARLIEST = -62_135_596_800_000; // the year 1
const LATEST = 253_402_300_799_999; // the end of the year 9999

function instantOf(value: Value, frame: Frame): number {
  const instant = typeof value === 'number' ? value : parseTime(textOf(value, frame).trim());
  if (instant === undefined || !(instant >= EARLIEST && instant <= LATEST)) throw noTime(value, frame);
  return instant;
}

function noTime(value: Value, frame: Frame): ExpressionError {
  const shown = textOf(value, frame).slice(0, 60);
  const message = `date-format() needs a time, ISO 8601 (2026-01-31T09:30:00Z) or milliseconds since 1970, and was given '${shown}'`;
  return evaluationError('argument-invalid', message);
}

const LONGEST_PATTERN = 1000;

function dateFormat(args: readonly Value[], frame: Frame): Value {
  const time = argument(args, 0);
  if (time === null) return null;
  const pattern = toComparableText(argument(args, 1));
  if (pattern.length > LONGEST_PATTERN) {
    throw evaluationError('argument-invalid', `date-format() takes a pattern of at most ${LONGEST_PATTERN} characters`);
  }
  const zone = args.length < 3 ? 'UTC' : toComparableText(argument(args, 2));
  const instant = instantOf(time, frame);
  const offset = offsetOf(zone, instant);
  if (offset === undefined) {
    throw evaluationError(
      'argument-invalid',
      `date-format() does not know the time zone '${zone.slice(0, 60)}': give one like 'Europe/Berlin'`,
    );
  }
  return madeText(frame, writeDate(pattern, instant + offset, offset));
}

export const dateFormatFunction: FunctionDefinition = { name: 'date-format', min: 2, max: 3, type: 'any', bind: eager(dateFormat) };
