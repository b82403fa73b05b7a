import { expect, test } from 'vitest';
import { cronFault, isTimeZone } from './cron.ts';

test.for(['0 0 * * *', '*/15 9-17 * * 1-5', '0,30 8 1,15 jan-jun MON', '5-50/5 * * * 7', '  0   0 * * *  '])(
  "'%s' is a cron expression",
  (expression) => {
    expect(cronFault(expression)).toBeNull();
  },
);

test.for<[string, string]>([
  ['0 0 * *', 'it has 4 fields'],
  ['0 0 0 * * *', 'it has 6 fields'],
  ['60 0 * * *', "the minute '60'"],
  ['0 24 * * *', "the hour '24'"],
  ['0 0 0 * *', "the day of month '0'"],
  ['0 0 * 13 *', "the month '13'"],
  ['0 0 * * 8', "the day of week '8'"],
  ['*/0 * * * *', 'has a step of 0'],
  ['5-1 * * * *', 'ends before it begins'],
  ['1-2-3 * * * *', "the minute '1-2-3'"],
  ['0 0 * foo *', "the month 'foo'"],
  ['1,, 0 * * *', "the minute '1,,'"],
  ['@daily', 'is a shorthand'],
])("'%s' is none: %s", ([expression, why]) => {
  expect(cronFault(expression)).toContain(why);
});

test('time zones are those of the IANA database, no offsets', () => {
  expect(['UTC', 'Europe/Berlin', 'America/New_York'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['Europe/Berln', '+01:00', '', 'x y'].map(isTimeZone)).toEqual([false, false, false, false]);
});
