const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `500ms`, `30s`, `1.5h`, `1h30m`: amounts with units, the larger before the smaller. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+$/;

/** A duration in ms, or null where the text is none. */
export function durationMs(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  let total = 0;
  let before = Infinity;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    const size = units[unit ?? ''] ?? 0;
    if (size >= before) return null;
    before = size;
    total += Number(amount) * size;
  }
  return Number.isFinite(total) ? Math.round(total) : null;
}
