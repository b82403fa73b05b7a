import type { JsonObject } from '@exosphere/model';
import type { OpenSatellite } from '@exosphere/ports';
import { removeImage, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DockerWorld } from '../testing/docker-world.ts';
import { callOpen, createDockerWorld, leftOvers, manifestOf, objectsOf, storedAs } from '../testing/docker-world.ts';
import { engineSays, running } from '../testing/engine-look.ts';
import { tarOf } from '../testing/tar.ts';

const hostile = `FROM busybox:stable
USER root
RUN mkdir -p /data /kept/it && echo baked >/data/baked && chmod -R 777 /data /kept /run && cp /bin/busybox /bin/busybox-root && chmod 4755 /bin/busybox-root
VOLUME ["/data", "/tmp", "/tmp/below", "/run/exosphere", "/run", "/kept/it/", "/kept/./other/../third"]
HEALTHCHECK --interval=1s CMD touch /data/healthy
ENV HOME=/root EXO_ATTEMPT=99 EXO_EXECUTION=forged LD_PRELOAD=/data/evil.so
ENTRYPOINT ["/bin/sh", "-c", "exec \\"$@\\"", "entrypoint"]
CMD ["echo", "{\\"from\\":\\"image\\"}"]
STOPSIGNAL SIGCONT
EXPOSE 80
WORKDIR /data
LABEL exosphere.owner=somebody exosphere.kind=server exosphere.deadline=1 exosphere.gpus=0,1,2,3
`;

describe('an image that declares what it likes', () => {
  let world: DockerWorld;
  const images: string[] = [];
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
  });
  afterAll(async () => {
    await world.close();
    for (const image of images.toReversed()) await removeImage(image);
    expect(await leftOvers()).toEqual([]);
  });

  async function open(dockerfile: string, docker: JsonObject = {}): Promise<OpenSatellite> {
    const manifest = manifestOf({ runtime: { docker: { build: '.', mode: 'once', ...docker } } });
    const stored = storedAs(manifest, tarOf({ Dockerfile: dockerfile }));
    images.push(`exosphere/test/container:${stored.digest.slice(7, 39)}`);
    return world.openStored(stored);
  }

  async function volumes(): Promise<readonly string[]> {
    const { Volumes } = await engineSays<{ Volumes: readonly { Name: string }[] | null }>('/volumes');
    return (Volumes ?? []).map(({ Name }) => Name).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  const looks = `for place in /data /tmp /tmp/below /run /kept/it /kept/third; do
      touch $place/new && echo "$place $(stat -f -c %T $place) $(df -k $place | tail -1 | awk '{print $2}') $(ls $place | tr '\\n' ' ')"
    done
    echo "$(id -u) $(busybox-root id -u) $HOME $EXO_ATTEMPT $EXO_EXECUTION $PWD"
    ls /run/exosphere; ls /data/healthy; sleep 2`;

  it(
    'CTR-04: has its volumes in memory of bounded size, nobody as its user, no health check, and leaves nothing',
    { timeout: 180_000 },
    async () => {
      const before = await volumes();
      const satellite = await open(hostile, { command: ['sh', '-c', looks] });
      const calling = callOpen(satellite);
      const [container] = await running();
      const { logs, replies } = await calling;
      await satellite.close();
      expect(objectsOf(replies[0])).toEqual([]);
      expect(logs.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
        '/data tmpfs 65536 new ',
        '/tmp tmpfs 262144 below new ',
        '/tmp/below tmpfs 65536 new ',
        '/run tmpfs 65536 exosphere new ',
        '/kept/it tmpfs 65536 new ',
        '/kept/third tmpfs 65536 new ',
        '65534 65534 /tmp 1 run/step/0 /data',
        'files.sock',
      ]);
      expect(container?.Mounts.filter(({ Type }) => Type === 'volume').map(({ Destination, RW }) => [Destination, RW])).toEqual([
        ['/run/exosphere', false],
      ]);
      expect(container?.Config).toMatchObject({ User: '65534:65534', Healthcheck: { Test: ['NONE'] } });
      expect(container?.State).not.toHaveProperty('Health');
      expect(container?.NetworkSettings.Networks).toEqual({});
      await vi.waitFor(async () => expect(await leftOvers()).toEqual([]));
      expect(await volumes()).toEqual(before);
    },
  );

  it('CTR-04: has none of its labels believed', async () => {
    const satellite = await open(hostile, { command: ['sh', '-c', 'sleep 3; echo {}'] });
    const calling = callOpen(satellite);
    const labels = (await running())[0]?.Config.Labels;
    expect(labels).toMatchObject({ 'exosphere.kind': 'once', 'exosphere.owner': expect.stringContaining(`.${process.pid}.`) });
    expect(Number(labels?.['exosphere.deadline'])).toBeGreaterThan(Date.now());
    expect(labels?.['exosphere.gpus'] ?? '').toBe('');
    expect(objectsOf((await calling).replies[0])).toEqual([{}]);
    await satellite.close();
  });

  it('CTR-04: starts by its own entry point, with the command of the manifest as its arguments', async () => {
    const satellite = await open(hostile, {});
    expect(objectsOf((await callOpen(satellite)).replies[0])).toEqual([{ from: 'image' }]);
    await satellite.close();
  });

  it('CTR-04: is stopped at its time limit, whatever signal it wants for that', async () => {
    const satellite = await open(hostile, { command: ['sleep', '1000'] });
    const { replies, ms } = await callOpen(satellite, { timeoutMs: 1_000 });
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: 'timeout' } });
    expect(ms).toBeLessThan(10_000);
    await satellite.close();
  });

  it('CTR-04: may have a hundred kilobytes of variables', async () => {
    const variables = (name: string): string =>
      `ENV ${Array.from({ length: 25 }, (_, index) => `${name}_${index}=${'x'.repeat(2_000)}`).join(' ')}`;
    const satellite = await open(`FROM busybox:stable\n${variables('A')}\n${variables('B')}\n`, {
      command: ['sh', '-c', 'echo "{\\"length\\":${#B_24}}"'],
    });
    expect(objectsOf((await callOpen(satellite)).replies[0])).toEqual([{ length: 2_000 }]);
    await satellite.close();
  });

  it.each([
    [
      'the root as a volume',
      'VOLUME /',
      { code: 'container-engine-refused', retryable: false, message: expect.stringContaining("destination can't be '/'") },
    ],
    ['what the kernel tells as a volume', 'VOLUME /proc', { code: 'container-engine-refused', retryable: false }],
    ['a path that leads out as a volume', 'VOLUME ../../x', { kind: 'objects', objects: [{}] }],
    [
      'no program to start',
      'ENTRYPOINT ["/no/such/program"]',
      { kind: 'error', error: { code: 'satellite-error', message: expect.stringContaining('/no/such/program') } },
    ],
    [
      'a folder that cannot be',
      'WORKDIR /bin/sh/x',
      { code: 'image-unavailable', message: expect.stringMatching(/not a directory[^]*WORKDIR \/bin\/sh\/x/) },
    ],
  ])('CTR-04: has an outcome that says what is wrong with it, and leaves nothing: %s', async (_, line, expected) => {
    const before = await volumes();
    const outcome: unknown = await open(`FROM busybox:stable\n${line}\n`, { command: ['sh', '-c', 'echo {}'] })
      .then(async (satellite) => (await callOpen(satellite)).replies[0])
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject(expected);
    await vi.waitFor(async () => expect(await leftOvers()).toEqual([]));
    expect(await volumes()).toEqual(before);
  });
});
