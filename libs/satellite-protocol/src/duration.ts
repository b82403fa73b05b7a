const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The pattern of a duration: `250ms`, `60s`, `5m`, `1.5h`, `7d`. */
export const durationPattern = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$';

/** A duration in ms, or null where the text is none. */
export function durationMs(text: string): number | null {
  const match = new RegExp(durationPattern).exec(text);
  const unit = units[match?.[2] ?? ''];
  return unit === undefined ? null : Math.round(Number.parseFloat(text) * unit);
}
