import { posix } from 'node:path';
import type { DeviceRequest } from '../gpu/device-requests.ts';
import type { BaseParts, ContainerLimits } from './base.ts';
import { baseHost, baseSpec } from './base.ts';
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';

/** What a container is for; becomes its labels. */
export type ContainerKind = 'worker' | 'once' | 'server';

/** Everything that a container is made of. Nothing else reaches the engine. */
export interface SealedContainer extends BaseParts {
  readonly kind: ContainerKind;
  /** `VOLUME`s of the image: each is masked, so that nothing is written to the host. */
  readonly imageVolumes: readonly string[];
  readonly limits: ContainerLimits;
  /** The folder of sockets on this host, seen as {@link socketFolder}; null: none. */
  readonly sockets: string | null;
  readonly devices: readonly DeviceRequest[];
  /** Most CPU time in seconds, kept by the kernel also where no worker is left; null: none. */
  readonly cpuSeconds: number | null;
}

/** Where the folder of sockets is in a container. */
export const socketFolder = '/run/exosphere';
const noVolumeBytes = 64 * 2 ** 20;
const openFiles = 4_096;

/** Writable memory of a container: a part of its own. */
function scratchBytes({ memoryBytes }: ContainerLimits): number {
  return Math.max(2 ** 20, Math.floor(memoryBytes / 2));
}

/**
 * The sealed profile (spec 4.2): no new privileges, no capabilities, a read-only root, nobody as user, no network, limits of processes,
 * memory and CPU, an init process, the image's volumes masked. This folder is the only place that writes `HostConfig`.
 */
export function sealedSpec(container: SealedContainer): ContainerCreateOptions {
  return {
    ...baseSpec(container),
    // the engine closes standard input when the worker that attached is gone: the satellite sees the end, and exits
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    // beside the mode 'none', all that it takes away is the name 'localhost', and half of the time that a start takes
    NetworkDisabled: container.kind === 'once',
    HostConfig: sealedHost(container),
  };
}

function sealedHost({ name, limits, imageVolumes, labels, sockets, devices, cpuSeconds }: SealedContainer): HostConfig {
  return {
    ...baseHost({ limits, devices }),
    NetworkMode: 'none',
    Tmpfs: scratch(limits, imageVolumes),
    Ulimits: [
      { Name: 'nofile', Soft: openFiles, Hard: openFiles },
      { Name: 'core', Soft: 0, Hard: 0 },
      ...(cpuSeconds === null ? [] : [{ Name: 'cpu', Soft: cpuSeconds, Hard: cpuSeconds }]),
    ],
    // what it prints goes to the worker that is attached, and nowhere on the host
    LogConfig: { Type: 'none', Config: {} },
    Mounts: sockets === null ? [] : [socketMount(name, sockets, labels)],
  };
}

function scratch(limits: ContainerLimits, imageVolumes: readonly string[]): Record<string, string> {
  const options = 'rw,noexec,nosuid,nodev,mode=1777';
  const masked = masks(imageVolumes, ['/tmp', socketFolder]).map((path) => [path, `${options},size=${noVolumeBytes}`] as const);
  return Object.fromEntries([['/tmp', `${options},size=${scratchBytes(limits)}`], ...masked]);
}

/**
 * The volumes of an image that memory is put in the place of: by their plain paths, since for any other spelling the engine makes a
 * volume on the host beside it.
 */
export function masks(imageVolumes: readonly string[], taken: readonly string[]): readonly string[] {
  const paths = new Set(imageVolumes.map((path) => posix.resolve('/', path)));
  return [...paths].filter((path) => !taken.includes(path));
}

/** A named volume that is a folder of this host: it is removed with its container, and swept by its label where that is gone. */
function socketMount(name: string, folder: string, labels: Readonly<Record<string, string>>): MountSettings {
  return {
    Type: 'volume',
    Source: name,
    Target: socketFolder,
    ReadOnly: true,
    VolumeOptions: {
      NoCopy: true,
      Labels: { ...labels },
      DriverConfig: { Name: 'local', Options: { type: 'none', o: 'bind', device: folder } },
    },
  };
}
