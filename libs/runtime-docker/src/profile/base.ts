import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { DeviceRequest } from '../gpu/device-requests.ts';

/** What one container may have. */
export interface ContainerLimits {
  /** Cores. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** What a container is made of, whatever it is for. */
export interface BaseParts {
  readonly name: string;
  /** By id or digest. */
  readonly image: string;
  /** Null: what the image starts. */
  readonly command: readonly string[] | null;
  /** No secrets: anybody who may ask the engine can read them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Nobody: owns nothing in any image. */
export const user = '65534:65534';

/** What every container has: nobody as user, no terminal, no check of its health. */
export function baseSpec({ name, image, command, environment, labels }: BaseParts): ContainerCreateOptions {
  return {
    name,
    Image: image,
    ...(command === null ? {} : { Cmd: [...command] }),
    User: user,
    Env: Object.entries({ HOME: '/tmp', ...environment }).map(([key, value]) => `${key}=${value}`),
    Labels: { ...labels },
    Tty: false,
    Healthcheck: { Test: ['NONE'], Interval: 0, Timeout: 0, Retries: 0, StartPeriod: 0 },
  };
}

/** What every container may not: privileges, a writable root, more than its limits. */
export function baseHost({
  limits,
  devices,
}: {
  readonly limits: ContainerLimits;
  readonly devices: readonly DeviceRequest[];
}): HostConfig {
  return {
    Init: true,
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    IpcMode: 'private',
    PidsLimit: limits.processes,
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    NanoCpus: Math.round(limits.cpu * 1e9),
    RestartPolicy: { Name: 'no' },
    ...(devices.length === 0 ? {} : { DeviceRequests: [...devices] }),
  };
}
