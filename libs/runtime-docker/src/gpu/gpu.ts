import type { GpuNeeds } from '@exosphere/satellite-protocol';

/** A graphics card of this host. */
export interface Gpu {
  /** As its driver names it: `GPU-6f1e0c1a-…`. */
  readonly id: string;
  /** Its place among those of the host, from 0. */
  readonly index: number;
  /** The container engine's driver for it. */
  readonly driver: string;
  /** `NVIDIA H100 80GB HBM3` */
  readonly model: string;
  /** What it says of itself. Null: it does not say. */
  readonly memoryBytes: number | null;
}

/**
 * A card of 80 GiB says a little less of itself: firmware and error correction take their part (an H100 says 79.6 GiB, a T4 of 16 says
 * 14.8, an L40S of 48 says 45). Who asks for 80 GiB means the card that is sold as such.
 */
const missingShare = 0.08;

/** The cards that a need can be met with. */
export function cardsThatFit(gpus: readonly Gpu[], needs: GpuNeeds): readonly Gpu[] {
  const { driver, minMemoryBytes, deviceIds } = needs;
  return gpus.filter(
    (gpu) =>
      gpu.driver === driver &&
      (minMemoryBytes === null || (gpu.memoryBytes ?? 0) >= minMemoryBytes * (1 - missingShare)) &&
      (deviceIds === null || deviceIds.includes(gpu.id) || deviceIds.includes(String(gpu.index))),
  );
}

/** `1 × nvidia ≥ 80 GiB` */
export function needsText({ count, driver, minMemoryBytes, deviceIds }: GpuNeeds): string {
  const memory = minMemoryBytes === null ? '' : ` ≥ ${sizeText(minMemoryBytes)}`;
  const ids = deviceIds === null ? '' : ` (${deviceIds.join(', ')})`;
  return `${String(count)} × ${driver}${ids}${memory}`;
}

/** `2 × NVIDIA H100 80GB HBM3 (79.6 GiB)`, or `no GPU`. */
export function gpusText(gpus: readonly Gpu[]): string {
  const counts = new Map<string, number>();
  for (const { model, memoryBytes } of gpus) {
    const kind = memoryBytes === null ? model : `${model} (${sizeText(memoryBytes)})`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts.size === 0 ? 'no GPU' : [...counts].map(([kind, count]) => `${String(count)} × ${kind}`).join(', ');
}

function sizeText(bytes: number): string {
  return `${String(Math.round((bytes / 2 ** 30) * 10) / 10)} GiB`;
}
