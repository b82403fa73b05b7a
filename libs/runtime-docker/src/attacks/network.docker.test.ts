import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@exosphere/model';
import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { DockerWorld } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import type { Inspected } from '../testing/engine-look.ts';
import { engineSays, running } from '../testing/engine-look.ts';
import { shellWorker } from '../testing/shell-worker.ts';

/** A container outside of our hands, on the engine's usual network. */
async function ordinary(command: readonly string[]): Promise<{ readonly id: string; readonly address: string }> {
  const made = await callEngine({ method: 'POST', path: '/containers/create', body: { Image: 'busybox:stable', Cmd: command } });
  const { Id } = JSON.parse(made.text) as { Id: string };
  onTestFinished(() => callEngine({ method: 'DELETE', path: `/containers/${Id}`, query: { force: '1', v: '1' } }).then(() => undefined));
  await callEngine({ method: 'POST', path: `/containers/${Id}/start` });
  const { NetworkSettings } = await engineSays<Inspected>(`/containers/${Id}/json`);
  return { id: Id, address: NetworkSettings.Networks['bridge']?.IPAddress ?? '' };
}

const attempts = `
const net = require('node:net'), http = require('node:http'), dns = require('node:dns'), fs = require('node:fs');
const direct = (host, port) => new Promise((resolve) => {
  const socket = net.connect({ host, port, timeout: 1500 });
  socket.once('connect', () => { socket.destroy(); resolve('connected'); });
  socket.once('error', (error) => resolve(error.code));
  socket.once('timeout', () => { socket.destroy(); resolve('timeout'); });
});
const through = (path) => new Promise((resolve) => {
  const asked = http.request({ socketPath: '/run/exosphere/egress.sock', path, timeout: 5000 }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  asked.once('error', (error) => resolve(error.code));
  asked.end();
});
const own = () => new Promise((resolve) => {
  const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1', async () => {
    resolve(await direct('127.0.0.1', server.address().port));
    server.close();
  });
});
const tryAll = async (item) => {
  const found = { own: await own(), direct: {}, through: {}, names: {} };
  for (const [host, port] of item.direct) found.direct[host] = await direct(host, port);
  for (const url of item.through ?? []) found.through[url] = await through(url);
  for (const name of item.names) found.names[name] = await dns.promises.lookup(name).then((at) => at.address, (error) => error.code);
  const lines = (file) => { try { return fs.readFileSync(file, 'utf8').trim().split('\\n'); } catch { return []; } };
  found.routes = lines('/proc/net/route').length - 1;
  found.interfaces = lines('/proc/net/dev').slice(2).map((line) => line.split(':')[0].trim());
  return found;
};`;

const once = `${attempts}
process.stdin.once('data', async (line) => {
  console.log(JSON.stringify(await tryAll(JSON.parse(line).item)));
  process.exit();
});`;

const worker = `${attempts}
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const { nonce, item } = JSON.parse(line);
  if (nonce === undefined) return console.log('{"exosphere":1,"ready":true}');
  console.log(JSON.stringify({ nonce, objects: [await tryAll(item)] }));
});`;

const server = (item: object): string => `${attempts}
tryAll(${JSON.stringify(item)}).then((found) => http.createServer((_, response) => response.end(JSON.stringify(found))).listen(8000));`;

const inNode = (script: string): JsonObject => ({ image: 'node:24-bookworm-slim', command: ['node', '-e', script] });

describe('the network of a container', () => {
  let world: DockerWorld;
  let host: Server;
  let port = 0;
  beforeAll(async () => {
    await requireImages(['busybox:stable', 'node:24-bookworm-slim']);
    host = createServer((_, response) => response.end('of the host'));
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    port = (host.address() as AddressInfo).port;
    world = await createDockerWorld({ endpoints: { s3: `http://127.0.0.1:${port}` } });
  });
  afterAll(async () => {
    await world.close();
    host.closeAllConnections();
    await new Promise((resolve) => host.close(resolve));
    expect(await leftOvers()).toEqual([]);
  });

  const names = ['example.com', 'metadata.google.internal'];

  /** What listens: the host on loopback, another container, and (22 or not) the host on its bridge. */
  async function targets(): Promise<{ readonly list: readonly [string, number][]; readonly bridge: string; readonly other: string }> {
    const other = (await ordinary(['sh', '-c', 'mkdir /www && echo other >/www/index.html && httpd -f -p 80 -h /www'])).address;
    const { IPAM } = await engineSays<{ IPAM: { Config: { Gateway?: string }[] } }>('/networks/bridge');
    const bridge = IPAM.Config[0]?.Gateway ?? '172.17.0.1';
    // that it can be reached from elsewhere
    expect(await (await fetch(`http://${other}/`)).text()).toBe('other\n');
    return {
      list: [
        ['169.254.169.254', 80],
        [bridge, 22],
        ['127.0.0.1', port],
        [other, 80],
        ['10.0.0.1', 80],
        ['fd00::1', 80],
      ],
      bridge,
      other,
    };
  }

  const nowhere = ({ bridge, other }: { readonly bridge: string; readonly other: string }): object => ({
    own: 'connected',
    direct: {
      '169.254.169.254': 'ENETUNREACH',
      [bridge]: 'ENETUNREACH',
      '127.0.0.1': 'ECONNREFUSED',
      [other]: 'ENETUNREACH',
      '10.0.0.1': 'ENETUNREACH',
      'fd00::1': expect.stringMatching(/^(ENETUNREACH|EADDRNOTAVAIL)$/),
    },
    names: { 'example.com': 'EAI_AGAIN', 'metadata.google.internal': 'EAI_AGAIN' },
    routes: 0,
    interfaces: ['lo'],
  });

  it.each([
    ['once', once],
    ['worker', worker],
  ])('CTR-05: has no route to metadata, host, other containers and names (mode: %s)', async (mode, script) => {
    const { list, ...at } = await targets();
    const { replies } = await world.call(
      '',
      { inputs: [{ direct: list as never, names }], timeoutMs: 60_000 },
      {},
      { ...inNode(script), mode },
    );
    expect(objectsOf(replies[0])).toEqual([{ ...nowhere(at), through: {} }]);
  });

  it('CTR-05: has a way to what the manifest allows by its socket, and still no route', async () => {
    const { list, ...at } = await targets();
    const through = [
      `http://127.0.0.1:${port}/`,
      'http://169.254.169.254/latest/meta-data/',
      `http://${at.bridge}:22/`,
      `http://${at.other}/`,
    ];
    const input = { direct: list as never, through, names };
    const { replies } = await world.call(
      '',
      { inputs: [input], timeoutMs: 60_000 },
      { network: { allow: ['s3.example.com'] } },
      inNode(once),
    );
    const answers = Object.fromEntries(through.map((url, index) => [url, index === 0 ? 200 : 403]));
    expect(objectsOf(replies[0])).toEqual([{ ...nowhere(at), through: answers }]);
  });

  it('CTR-05: has no socket of an egress where the manifest allows nothing', async () => {
    const { logs } = await world.call('ls /run/exosphere');
    expect(logs.map(({ message }) => message)).toEqual(['files.sock']);
  });

  it('has the name localhost in a warm container', async () => {
    const answer =
      'echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[{\\"said\\":\\"$(echo hello | nc -l -p 8000 >/dev/null & sleep 0.2; echo | nc localhost 8000)\\"}]}"';
    const { replies } = await world.call(shellWorker(answer), {}, {}, { mode: 'worker' });
    expect(objectsOf(replies[0])).toEqual([{ said: 'hello' }]);
  });

  it('CTR-05: of a server leads nowhere but to its host', async () => {
    const { list, other } = await targets();
    const own = await createDockerWorld({ limits: { serverPatienceMs: 90_000 } });
    onTestFinished(() => own.close());
    const satellite = await own.open('true', {}, { server: { ...inNode(server({ direct: list, names: [] })), port: 8000 } });
    const [container] = await running();
    const address = Object.values(container?.NetworkSettings.Networks ?? {})[0]?.IPAddress ?? '';
    const found = (await (await fetch(`http://${address}:8000/`)).json()) as {
      direct: Record<string, string>;
      names: Record<string, string>;
    };
    await satellite.close();
    const noWay = expect.stringMatching(/^(ENETUNREACH|EHOSTUNREACH|timeout)$/);
    const direct = { '169.254.169.254': noWay, [other]: noWay, '10.0.0.1': noWay, '127.0.0.1': 'ECONNREFUSED' };
    expect(found).toMatchObject({ direct });
  });
});
