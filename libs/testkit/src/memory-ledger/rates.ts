import type { Ledger } from '@exosphere/ports';
import type { Memory } from './memory.ts';

type Rate = Parameters<Ledger['takeRate']>[0];

/** Starts that a rate limit grants now, and when to ask again for more. */
export function takeRate(
  memory: Memory,
  { cluster, step, key, limit, perMs, want }: Rate,
): { readonly granted: number; readonly nextAt: number } {
  const at = memory.now();
  const name = JSON.stringify([cluster, step, key]);
  const uses = (memory.rates.get(name) ?? []).filter((use) => use.expiresAt > at);
  const used = uses.reduce((sum, use) => sum + use.starts, 0);
  const granted = Math.max(0, Math.min(want, limit - used));
  memory.rates.set(name, granted > 0 ? [...uses, { expiresAt: at + perMs, starts: granted }] : uses);
  if (granted > 0) memory.changed();
  return { granted, nextAt: granted === want ? at : Math.min(at + perMs, ...uses.map((use) => use.expiresAt)) };
}
