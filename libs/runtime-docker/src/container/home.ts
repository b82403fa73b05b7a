import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
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
  /** The folder of all homes of this process. */
  readonly base: string;
  /** Of the container, for messages: the folder is not named after it. */
  readonly name: string;
  readonly project: string;
  readonly blobs: BlobStore;
  readonly rules: NetworkRules;
  readonly server: EgressOptions['server'];
  readonly onRefused: (message: string) => void;
}

/** Linux allows so many bytes in the path of a socket. */
const pathBytes = 107;
let made = 0;

/**
 * Opens the sockets of one container. An egress only where it may reach anything at all.
 *
 * @throws ExosphereError `runtime-unavailable`, also where the path of a socket would be too long
 */
export async function openHome({ base, name, project, blobs, rules, server, onRefused }: HomeOptions): Promise<Home> {
  const folder = await newFolder(base, name);
  const gateway = await openBlobGateway({ socketPath: join(folder, 'files.sock'), project, blobs });
  const hasNetwork = rules.allow.length > 0 || server !== null;
  let egress: Egress | null = null;
  try {
    if (hasNetwork) egress = await openEgress({ listen: join(folder, 'egress.sock'), rules, server, onRefused });
  } catch (error) {
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
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

/** A folder that no other attempt has or had, with a short name. */
async function newFolder(base: string, name: string): Promise<string> {
  await mkdir(base, { recursive: true, mode: 0o755 });
  for (;;) {
    made += 1;
    const folder = join(base, made.toString(36));
    const length = Buffer.byteLength(join(folder, 'egress.sock'));
    if (length > pathBytes) {
      throw new ExosphereError(
        'runtime-unavailable',
        `The sockets of the container ${name} cannot be made in ${folder}: their paths would have ${length} bytes, and ${pathBytes} are the most. Set TMPDIR to a folder with a shorter path (now ${tmpdir()}).`,
        { retryable: true },
      );
    }
    try {
      await mkdir(folder, { mode: 0o755 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // what mkdir throws
      // another thread of this process has it
    }
  }
}
