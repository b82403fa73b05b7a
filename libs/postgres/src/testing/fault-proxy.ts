import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { InternalError } from '@exosphere/model';

/** Stands between a ledger and its server, and makes the network fail. */
export interface FaultProxy {
  readonly url: string;
  /** Lets the next message that has these bytes through, and cuts the connection where the answer should come. */
  cutAfter(bytes: string): void;
  /** Whether that has happened. */
  readonly hasCut: () => boolean;
  /** Half-open: nothing passes any more, and nobody is told. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  isCut: boolean;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const links = new Set<Link>();
  let trap: Buffer | null = null;
  let frozen = false;
  const onConnection = (client: Socket): void => {
    const link: Link = { client, server: connect(Number(port), hostname), isCut: false };
    links.add(link);
    const end = (): void => {
      links.delete(link);
      link.client.destroy();
      link.server.destroy();
    };
    for (const socket of [link.client, link.server]) socket.on('close', end).on('error', end).setNoDelay(true);
    client.on('data', (data) => {
      if (frozen) return;
      if (trap !== null && data.includes(trap)) {
        trap = null;
        link.isCut = true;
      }
      link.server.write(data);
    });
    link.server.on('data', (data) => {
      if (frozen) return;
      if (link.isCut) end();
      else client.write(data);
    });
  };
  const server = createServer(onConnection);
  const url = new URL(target);
  url.port = String(await listen(server));
  url.hostname = '127.0.0.1';
  return {
    url: url.href,
    cutAfter: (bytes) => {
      trap = Buffer.from(bytes);
    },
    hasCut: () => trap === null,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
      for (const { client, server: to } of links) {
        client.destroy();
        to.destroy();
      }
    },
    close: async () => {
      for (const { client, server: to } of links) {
        client.destroy();
        to.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InternalError('a TCP server has no port');
  return address.port;
}
