import Docker from 'dockerode';
import { ExosphereError } from '@exosphere/model';

/**
 * The client library, set to where the engine is.
 *
 * @param address `unix:///path`, `tcp://host:port`, `http://host:port` or `https://host:port`
 * @throws ExosphereError `runtime-unavailable` where it is no such address
 */
export function connectTo(address: string): Docker {
  const path = address.startsWith('/') ? address : (/^unix:\/\/(\/.*)$/.exec(address)?.[1] ?? null);
  // the library reads DOCKER_HOST by itself, and a host of it would win over this path
  if (path !== null) return clientOf(address, { socketPath: path, host: undefined });
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.hostname === '' || !protocols.has(url.protocol)) throw noAddress(address);
  const at = { host: url.hostname, port: url.port === '' ? 2375 : Number(url.port) };
  // whether `tcp` means TLS, the library reads of DOCKER_TLS_VERIFY, and the certificates of DOCKER_CERT_PATH
  if (url.protocol === 'tcp:') return clientOf(address, at);
  return clientOf(address, { ...at, protocol: url.protocol === 'https:' ? 'https' : 'http' });
}

const protocols: ReadonlySet<string> = new Set(['tcp:', 'http:', 'https:']);

function clientOf(address: string, options: Docker.DockerOptions): Docker {
  try {
    return new Docker(options);
  } catch (cause) {
    // it does so for a DOCKER_HOST that it cannot read, and for certificates that are missing
    throw noAddress(address, cause);
  }
}

function noAddress(address: string, cause?: unknown): ExosphereError {
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new ExosphereError(
    'runtime-unavailable',
    `'${address}' is no address of a container engine that can be used${why}. Set DOCKER_HOST to unix:///var/run/docker.sock or tcp://host:2375.`,
    { cause, retryable: true },
  );
}
