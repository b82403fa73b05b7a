import { request } from 'node:http';
import type { RequestOptions } from 'node:http';

/** Where the container engine is looked for: DOCKER_HOST, else Docker's usual socket. */
export function engineAddress(dockerHost: string | undefined): RequestOptions {
  if (!dockerHost) return { socketPath: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix://')) return { socketPath: dockerHost.slice('unix://'.length) };
  const { hostname, port } = new URL(dockerHost);
  return { hostname, port: port || 2375 };
}

/** The address of the container engine, or null if none answers within two seconds. */
export async function answeringEngine(dockerHost = process.env['DOCKER_HOST']): Promise<RequestOptions | null> {
  const address = engineAddress(dockerHost);
  const answers = await new Promise<boolean>((resolve) => {
    const ping = request({ ...address, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => resolve(false));
    ping.once('close', () => resolve(false));
    ping.end();
  });
  return answers ? address : null;
}
