const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** The pattern of an amount of memory: `64MiB`, `80GB`. */
export const memoryPattern = '^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|KiB|MiB|GiB)$';

/** An amount of memory in bytes, or null where the text is none. */
export function memoryBytes(text: string): number | null {
  const match = new RegExp(memoryPattern).exec(text);
  const unit = units[match?.[2] ?? ''];
  return unit === undefined ? null : Math.round(Number.parseFloat(text) * unit);
}
