import type { ContainerCreateOptions } from 'dockerode';
import type { DeviceRequest } from '../gpu/device-requests.ts';
import type { ContainerLimits } from '../profile/sealed.ts';
import { user } from '../profile/sealed.ts';

/** A companion of a satellite, as a container: everything that it is made of. */
export interface Served {
  /** The same for every worker of this host: by it a running one is found. */
  readonly name: string;
  /** Of the satellite, for people. */
  readonly reference: string;
  readonly image: string;
  readonly command: readonly string[] | null;
  readonly imageVolumes: readonly string[];
  /** Absolute path → name of the volume that is kept there. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly network: string;
  readonly limits: ContainerLimits;
  readonly devices: readonly DeviceRequest[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

const logBytes = '10m';

/**
 * The profile of a companion: sealed as a satellite's container, but that it listens on a network of its own, keeps its volumes, may run
 * what it compiles in its scratch memory, and logs on the host, since nobody is attached to it.
 */
export function serverSpec({
  name,
  image,
  command,
  imageVolumes,
  volumes,
  network,
  limits,
  devices,
  environment,
  labels,
}: Served): ContainerCreateOptions {
  const scratch = 'rw,exec,nosuid,nodev,mode=1777';
  const kept = Object.keys(volumes);
  const masked = imageVolumes.filter((path) => path !== '/tmp' && !kept.includes(path));
  return {
    name,
    Image: image,
    ...(command === null ? {} : { Cmd: [...command] }),
    User: user,
    Env: Object.entries({ HOME: '/tmp', ...environment }).map(([key, value]) => `${key}=${value}`),
    Labels: { ...labels },
    Tty: false,
    Healthcheck: { Test: ['NONE'], Interval: 0, Timeout: 0, Retries: 0, StartPeriod: 0 },
    HostConfig: {
      Init: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      NetworkMode: network,
      IpcMode: 'private',
      ShmSize: Math.floor(limits.memoryBytes / 4),
      PidsLimit: limits.processes,
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpu * 1e9),
      Tmpfs: Object.fromEntries([
        ['/tmp', `${scratch},size=${Math.floor(limits.memoryBytes / 4)}`],
        ...masked.map((path) => [path, `${scratch},size=${64 * 2 ** 20}`] as const),
      ]),
      Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
      LogConfig: { Type: 'json-file', Config: { 'max-size': logBytes, 'max-file': '1' } },
      RestartPolicy: { Name: 'no' },
      ...(devices.length === 0 ? {} : { DeviceRequests: [...devices] }),
      Mounts: Object.entries(volumes).map(([path, volume]) => ({
        Type: 'volume' as const,
        Source: volume,
        Target: path,
        VolumeOptions: { NoCopy: true, Labels: { 'exosphere.keep': 'true' }, DriverConfig: { Name: 'local', Options: {} } },
      })),
    },
  };
}

/** An archive with nothing but its own folder, which belongs to nobody: unpacked into a new volume, it makes that writable. */
export function ownedFolder(): Buffer {
  const header = Buffer.alloc(512);
  const [owner = 0] = user.split(':').map(Number);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write('./', 0);
  header.write(octal(0o755, 8), 100);
  header.write(octal(owner, 8), 108);
  header.write(octal(owner, 8), 116);
  header.write(octal(0, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        5', 148);
  header.write('ustar\u000000', 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  return Buffer.concat([header, Buffer.alloc(1024)]);
}
