import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const socksVersion = 5;

/**
 * Tells the protocols of a server's connections apart: SOCKS 5 begins with a byte that no HTTP request begins with. Who says nothing
 * for `withinMs` is cut.
 */
export function sortByFirstByte(server: Server, withinMs: number, socks: (client: Socket) => void): void {
  const [serveHttp] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (client) => {
    const deadline = setTimeout(() => client.destroy(), withinMs);
    client.on('error', () => {}); // closing follows
    client.once('close', () => clearTimeout(deadline));
    client.once('readable', () => {
      clearTimeout(deadline);
      const first = client.read(1) as Buffer | null; // a socket without encoding gives buffers
      if (first === null) return void client.destroy();
      client.unshift(first);
      if (first[0] === socksVersion) socks(client);
      else serveHttp?.call(server, client);
    });
  });
}
