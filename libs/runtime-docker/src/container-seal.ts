import type { LockedSatellite } from '@exosphere/model';
import type { OpenOptions } from '@exosphere/ports';
import type { StoredSatellite } from '@exosphere/satellite-package';
import type { OnceParts } from './call/once-call.ts';
import { deviceRequests } from './gpu/device-requests.ts';
import { gpusLabel } from './gpu/gpu-desk.ts';
import type { Image } from './images/image-store.ts';
import type { ContainerKind, SealedContainer } from './profile/sealed.ts';
import type { Owner } from './sweep/owner.ts';
import { deadlineLabel, ownerLabel } from './sweep/sweep.ts';

/** What all containers of one satellite have in common. */
export interface SealOptions {
  readonly opening: { readonly locked: LockedSatellite; readonly satellite: StoredSatellite; readonly openOptions: OpenOptions };
  readonly image: Image;
  readonly cards: readonly string[] | null;
  readonly owner: Owner;
  readonly kind: ContainerKind;
}

const defaultMemory = 512 * 2 ** 20;
const processes = 256;
/** Beyond its time limit an execution's container is of no use; so long the stopping of it may take. */
const graceMs = 60_000;

type Sealing = Omit<Parameters<OnceParts['seal']>[0], 'timeoutMs'> & {
  /** Null: it is used for many requests. */ readonly timeoutMs: number | null;
};

/** Says of what a container of this satellite is made. Nothing that a cluster's author writes gets into it. */
export function containerSeal({ opening, image, cards, owner, kind }: SealOptions): (container: Sealing) => SealedContainer {
  const { satellite, openOptions } = opening;
  const { manifest, reference, version, digest } = satellite;
  const { cpu, memoryBytes, gpu } = manifest.resources;
  const command = manifest.runtime.kind === 'docker' ? manifest.runtime.command : null;
  const isStream = manifest.output.key !== null;
  return ({ name, home, environment, labels, timeoutMs }) => {
    // the clock of a list begins anew with each of its parts: nobody knows when it is over
    const limitMs = timeoutMs === null || isStream ? null : timeoutMs + graceMs;
    return {
      ...{ name, kind, command, environment },
      image: image.id,
      imageVolumes: image.volumes,
      limits: { cpu: cpu ?? 1, memoryBytes: memoryBytes ?? defaultMemory, processes },
      labels: {
        [ownerLabel]: owner.id,
        'exosphere.kind': kind,
        'exosphere.satellite': `${reference}@${version}`,
        'exosphere.digest': digest,
        'exosphere.project': openOptions.project,
        ...(limitMs === null ? {} : { [deadlineLabel]: String(Date.now() + limitMs) }),
        // also where it has none, or the image's own label would count
        [gpusLabel]: cards?.join(',') ?? '',
        ...labels,
      },
      sockets: home.folder,
      devices: gpu === null ? [] : deviceRequests(gpu, cards),
      // what uses CPU without end is stopped by the kernel, also where its worker is gone
      cpuSeconds: limitMs === null ? null : Math.ceil((limitMs / 1000) * Math.max(1, cpu ?? 1)),
    };
  };
}
