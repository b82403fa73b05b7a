const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

interface Moment {
  /** Local time, in the UTC fields. */
  readonly local: Date;
  /** Milliseconds ahead of UTC. */
  readonly offset: number;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
const onTwelve = (hour: number): number => hour % 12 || 12;

function zoneText(offset: number, separator: string): string {
  const minutes = Math.abs(Math.trunc(offset / 60_000));
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${separator}${pad(minutes % 60, 2)}`;
}

const TOKENS: Readonly<Record<string, (moment: Moment) => string>> = {
  YYYY: ({ local }) => pad(local.getUTCFullYear(), 4),
  YY: ({ local }) => pad(local.getUTCFullYear() % 100, 2),
  MMMM: ({ local }) => MONTHS[local.getUTCMonth()] ?? '',
  MMM: ({ local }) => (MONTHS[local.getUTCMonth()] ?? '').slice(0, 3),
  MM: ({ local }) => pad(local.getUTCMonth() + 1, 2),
  M: ({ local }) => String(local.getUTCMonth() + 1),
  DD: ({ local }) => pad(local.getUTCDate(), 2),
  D: ({ local }) => String(local.getUTCDate()),
  dddd: ({ local }) => DAYS[local.getUTCDay()] ?? '',
  ddd: ({ local }) => (DAYS[local.getUTCDay()] ?? '').slice(0, 3),
  HH: ({ local }) => pad(local.getUTCHours(), 2),
  H: ({ local }) => String(local.getUTCHours()),
  hh: ({ local }) => pad(onTwelve(local.getUTCHours()), 2),
  h: ({ local }) => String(onTwelve(local.getUTCHours())),
  mm: ({ local }) => pad(local.getUTCMinutes(), 2),
  m: ({ local }) => String(local.getUTCMinutes()),
  ss: ({ local }) => pad(local.getUTCSeconds(), 2),
  s: ({ local }) => String(local.getUTCSeconds()),
  SSS: ({ local }) => pad(local.getUTCMilliseconds(), 3),
  A: ({ local }) => (local.getUTCHours() < 12 ? 'AM' : 'PM'),
  a: ({ local }) => (local.getUTCHours() < 12 ? 'am' : 'pm'),
  ZZ: ({ offset }) => zoneText(offset, ''),
  Z: ({ offset }) => zoneText(offset, ':'),
};

const PARTS = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|ZZ|Z|A|a/g;

/** Writes a local time after a pattern like `YYYY-MM-DD HH:mm:ss`; what stands in `[brackets]` is text. */
export function writeDate(pattern: string, localTime: number, offset: number): string {
  const moment: Moment = { local: new Date(localTime), offset };
  return pattern.replace(PARTS, (part: string, bracketed: string | undefined) => bracketed ?? TOKENS[part]?.(moment) ?? part);
}
