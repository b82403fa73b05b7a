import { setGlobalProxyFromEnv } from 'node:http';

const loopback = ['localhost', '127.0.0.1', '::1'];
/** Under this name Node keeps what `fetch` sends its requests with. */
const dispatcherKey = Symbol.for('undici.globalDispatcher.1');

/** Makes `fetch`, `node:http` and `node:https` of this process use the proxy, and the programs that it starts. */
export function useProxy(port: number, endpoints: Readonly<Record<string, string>>): void {
  const proxy = `http://127.0.0.1:${port}`;
  const direct = directHosts(endpoints).join(',');
  const variables = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: `socks5h://127.0.0.1:${port}`, NO_PROXY: direct };
  for (const [name, value] of Object.entries(variables)) process.env[name] = process.env[name.toLowerCase()] = value;
  process.env['NODE_USE_ENV_PROXY'] = '1';
  setGlobalProxyFromEnv(variables);
  liftTimeLimits({ httpProxy: proxy, httpsProxy: proxy, noProxy: direct });
}

/** A server of the satellite's own is reached directly, but not what the environment has on the loopback of its host. */
function directHosts(endpoints: Readonly<Record<string, string>>): readonly string[] {
  const named = Object.values(endpoints).map((url) => URL.parse(url)?.hostname.replace(/^\[|\]$/g, ''));
  return loopback.filter((host) => !named.includes(host));
}

/**
 * `fetch` gives up on an answer after 300 s, which is short for a language model; an attempt has a time limit of its own. Node lets
 * nobody set that, but its agent can be made again without.
 */
function liftTimeLimits(proxies: object): void {
  const agent: unknown = Reflect.get(globalThis, dispatcherKey);
  if (typeof agent !== 'object' || agent === null) return;
  const { constructor: Agent } = agent;
  Reflect.set(globalThis, dispatcherKey, Reflect.construct(Agent, [{ ...proxies, headersTimeout: 0, bodyTimeout: 0 }]));
}
