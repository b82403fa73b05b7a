/** Ports of services that speak no HTTP, or that nobody outside should reach; a manifest may name one (`host:5432`). */
const closedPorts: ReadonlySet<number> = new Set([
  ...[22, 23, 25, 465, 587, 1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900],
  ...[6379, 6443, 9042, 9200, 9300, 10250, 11211, 27017, 50000],
]);

const mostNamed = 20;

/** A place to connect to, as a manifest sees it. */
export interface HostAndPort {
  /** As a URL has it: lower case, no other way to write it. */
  readonly host: string;
  readonly port: number;
}

/** Whether one of a manifest's patterns allows a host at a port. */
export function isAllowed(at: HostAndPort, allow: readonly string[]): boolean {
  return allow.some((pattern) => {
    const { isHost, port } = matched(pattern, at);
    return isHost && (port === null ? !closedPorts.has(at.port) : port === at.port);
  });
}

/** Why it is not allowed, and what to do. */
export function refusalOf(shown: string, at: HostAndPort, allow: readonly string[]): string {
  if (allow.length === 0) return `'${shown}' may not be reached: the manifest allows no network (network.allow).`;
  const isClosed = closedPorts.has(at.port) && allow.some((pattern) => matched(pattern, at).isHost);
  if (isClosed) return `'${shown}' may not be reached: name this port beside the host, if the satellite needs it (network.allow).`;
  return `'${shown}' may not be reached: the manifest allows ${listed(allow)}. Name it there, if the satellite needs it (network.allow).`;
}

function matched(pattern: string, { host }: HostAndPort): { readonly isHost: boolean; readonly port: number | null } {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  const bare = withoutDot(host);
  const isHost = name === '*' || bare === name || (name.startsWith('*.') && bare.endsWith(name.slice(1)));
  return { isHost, port: port === undefined ? null : Number(port) };
}

/** `example.com.` is `example.com`. */
export function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}

function listed(allow: readonly string[]): string {
  const more = allow.length - mostNamed;
  return `${allow.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Where a URL leads to, with the port that its scheme stands for. */
export function placeOf(url: URL): HostAndPort {
  const schemePort = url.protocol === 'https:' ? 443 : 80;
  return { host: url.hostname, port: url.port === '' ? schemePort : Number(url.port) };
}
