import { buffer } from 'node:stream/consumers';
import type { ContainerCreateOptions, MountConfig } from 'dockerode';
import { pack } from 'tar-stream';
import type { DeviceRequest } from '../gpu/device-requests.ts';
import type { BaseParts, ContainerLimits } from '../profile/base.ts';
import { baseHost, baseSpec, user } from '../profile/base.ts';
import { masks } from '../profile/sealed.ts';

/** A companion of a satellite, as a container: everything that it is made of. `name` is the same for every worker of this host. */
export interface Served extends BaseParts {
  /** Of the satellite, for people. */
  readonly reference: string;
  readonly imageVolumes: readonly string[];
  /** Absolute path → name of the volume that is kept there. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly network: string;
  readonly limits: ContainerLimits;
  readonly devices: readonly DeviceRequest[];
}

const logBytes = '10m';

/**
 * The profile of a companion: sealed as a satellite's container, but that it listens on a network of its own, keeps its volumes, may run
 * what it compiles in its scratch memory, and logs on the host, since nobody is attached to it.
 */
export function serverSpec(served: Served): ContainerCreateOptions {
  const { imageVolumes, volumes, network, limits } = served;
  const scratch = 'rw,exec,nosuid,nodev,mode=1777';
  const kept = Object.keys(volumes);
  const masked = masks(imageVolumes, ['/tmp', ...kept]);
  return {
    ...baseSpec(served),
    HostConfig: {
      ...baseHost(served),
      NetworkMode: network,
      ShmSize: Math.floor(limits.memoryBytes / 4),
      Tmpfs: Object.fromEntries([
        ['/tmp', `${scratch},size=${Math.floor(limits.memoryBytes / 4)}`],
        ...masked.map((path) => [path, `${scratch},size=${64 * 2 ** 20}`] as const),
      ]),
      Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
      LogConfig: { Type: 'json-file', Config: { 'max-size': logBytes, 'max-file': '1' } },
      Mounts: mountsOf(volumes),
    },
  };
}

/** A container that is never started: through it the folders of new volumes are given to the user of the companion. */
export function ownerSpec({ name, image, volumes, labels }: Served): ContainerCreateOptions {
  return {
    name: `${name}-own`,
    Image: image,
    Labels: { ...labels },
    NetworkDisabled: true,
    HostConfig: { NetworkMode: 'none', Mounts: mountsOf(volumes) },
  };
}

/** An archive with one folder, which belongs to nobody: unpacked over an empty folder, it makes that writable. */
export async function ownedFolder(name: string): Promise<Buffer> {
  const [owner = 0] = user.split(':').map(Number);
  const archive = pack();
  const bytes = buffer(archive);
  archive.entry({ name, type: 'directory', mode: 0o755, uid: owner, gid: owner, mtime: new Date(0) });
  archive.finalize();
  return bytes;
}

function mountsOf(volumes: Served['volumes']): MountConfig {
  return Object.entries(volumes).map(([path, volume]) => ({
    Type: 'volume' as const,
    Source: volume,
    Target: path,
    VolumeOptions: { NoCopy: true, Labels: { 'exosphere.keep': 'true' }, DriverConfig: { Name: 'local', Options: {} } },
  }));
}
