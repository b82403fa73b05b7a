import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkRules } from '@exosphere/egress';
import type { BlobStore } from '@exosphere/ports';
import type { Egress, EgressOptions } from '../egress/egress-proxy.ts';
import { openEgress } from '../egress/egress-proxy.ts';
import type { BlobGateway } from '../gateway/blob-gateway.ts';
import { openBlobGateway } from '../gateway/blob-gateway.ts';
import { socketFolder } from '../profile/sealed.ts';

/** What one container reaches beyond itself: a folder with two sockets. */
export interface Home {
  /** On this host. */
  readonly folder: string;
  readonly gateway: BlobGateway;
  /** As the container sees them. */
  readonly files: string;
  readonly egress: string | null;
  close(): Promise<void>;
}

export interface HomeOptions {
  /** The folder of all homes. */
  readonly base: string;
  /** Of the container. */
  readonly name: string;
  readonly project: string;
  readonly blobs: BlobStore;
  readonly rules: NetworkRules;
  readonly server: EgressOptions['server'];
  readonly onRefused: (message: string) => void;
}

/** Opens the sockets of one container. An egress only where it may reach anything at all. */
export async function openHome({ base, name, project, blobs, rules, server, onRefused }: HomeOptions): Promise<Home> {
  const folder = join(base, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const gateway = await openBlobGateway({ socketPath: join(folder, 'files.sock'), project, blobs });
  const hasNetwork = rules.allow.length > 0 || server !== null;
  let egress: Egress | null = null;
  try {
    if (hasNetwork) egress = await openEgress({ listen: join(folder, 'egress.sock'), rules, server, onRefused });
  } catch (error) {
    await gateway.close();
    throw error;
  }
  return {
    folder,
    gateway,
    files: `${socketFolder}/files.sock`,
    egress: hasNetwork ? `${socketFolder}/egress.sock` : null,
    close: async () => {
      await Promise.all([gateway.close(), egress?.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
