/** Formatters cost some 50 µs to make, and a run uses a zone or two. */
const MOST_FORMATTERS = 64;
const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formatters.has(zone)) return formatters.get(zone);
  if (formatters.size >= MOST_FORMATTERS) formatters.clear();
  const formatter = makeFormatter(zone);
  formatters.set(zone, formatter);
  return formatter;
}

function makeFormatter(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...numeric });
  } catch (error) {
    if (error instanceof RangeError) return undefined; // how Intl says that it does not know a zone
    throw error;
  }
}

/** Milliseconds that a zone is ahead of UTC at an instant; undefined where there is no such zone. */
export function offsetOf(zone: string, instant: number): number | undefined {
  if (zone === 'UTC') return 0;
  const formatter = zone.length <= 60 ? formatterOf(zone) : undefined;
  if (!formatter) return undefined;
  const parts = new Map(formatter.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = new Date(0);
  local.setUTCFullYear(read('year'), read('month') - 1, read('day'));
  local.setUTCHours(read('hour'), read('minute'), read('second'));
  return local.getTime() - Math.floor(instant / 1000) * 1000;
}
