import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SealedContainer } from './sealed.ts';
import { sealedSpec } from './sealed.ts';

const plain: SealedContainer = {
  name: 'exo-warm-1',
  kind: 'worker',
  image: 'sha256:1',
  command: null,
  imageVolumes: ['/data'],
  limits: { cpu: 1.5, memoryBytes: 256 * 2 ** 20, processes: 256 },
  environment: { EXO_ATTEMPT: '1' },
  labels: { 'exosphere.owner': 'me' },
  sockets: '/run/exosphere/me/exo-warm-1',
  devices: [],
  cpuSeconds: 60,
};

describe('the sealed profile', () => {
  it('CTR-02: is exactly this', () => {
    expect(sealedSpec(plain)).toMatchInlineSnapshot(`
      {
        "AttachStderr": true,
        "AttachStdin": true,
        "AttachStdout": true,
        "Env": [
          "HOME=/tmp",
          "EXO_ATTEMPT=1",
        ],
        "Healthcheck": {
          "Interval": 0,
          "Retries": 0,
          "StartPeriod": 0,
          "Test": [
            "NONE",
          ],
          "Timeout": 0,
        },
        "HostConfig": {
          "CapDrop": [
            "ALL",
          ],
          "Init": true,
          "IpcMode": "private",
          "LogConfig": {
            "Config": {},
            "Type": "none",
          },
          "Memory": 268435456,
          "MemorySwap": 268435456,
          "Mounts": [
            {
              "ReadOnly": true,
              "Source": "exo-warm-1",
              "Target": "/run/exosphere",
              "Type": "volume",
              "VolumeOptions": {
                "DriverConfig": {
                  "Name": "local",
                  "Options": {
                    "device": "/run/exosphere/me/exo-warm-1",
                    "o": "bind",
                    "type": "none",
                  },
                },
                "Labels": {
                  "exosphere.owner": "me",
                },
                "NoCopy": true,
              },
            },
          ],
          "NanoCpus": 1500000000,
          "NetworkMode": "none",
          "PidsLimit": 256,
          "Privileged": false,
          "ReadonlyRootfs": true,
          "RestartPolicy": {
            "Name": "no",
          },
          "SecurityOpt": [
            "no-new-privileges",
          ],
          "Tmpfs": {
            "/data": "rw,noexec,nosuid,nodev,mode=1777,size=67108864",
            "/tmp": "rw,noexec,nosuid,nodev,mode=1777,size=134217728",
          },
          "Ulimits": [
            {
              "Hard": 4096,
              "Name": "nofile",
              "Soft": 4096,
            },
            {
              "Hard": 0,
              "Name": "core",
              "Soft": 0,
            },
            {
              "Hard": 60,
              "Name": "cpu",
              "Soft": 60,
            },
          ],
        },
        "Image": "sha256:1",
        "Labels": {
          "exosphere.owner": "me",
        },
        "NetworkDisabled": false,
        "OpenStdin": true,
        "StdinOnce": true,
        "Tty": false,
        "User": "65534:65534",
        "name": "exo-warm-1",
      }
    `);
  });

  it('CTR-04: masks the volumes of an image by their plain paths, but for those that are in use', () => {
    const imageVolumes = ['/data/', '/data', '/a/./b/../c', 'relative', '/tmp/', '/run/exosphere', '/run', '/../up'];
    const { Tmpfs = {} } = sealedSpec({ ...plain, imageVolumes }).HostConfig ?? {};
    expect(Object.keys(Tmpfs)).toEqual(['/tmp', '/data', '/a/c', '/relative', '/run', '/up']);
    for (const options of Object.values(Tmpfs)) expect(options).toMatch(/^rw,noexec,nosuid,nodev,mode=1777,size=\d+$/);
  });

  it('CTR-02: gives no rights to the host, whatever a container is made of', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 20 });
    const containers = fc.record({
      name: words,
      kind: fc.constantFrom('worker' as const, 'once' as const),
      image: words,
      command: fc.option(fc.array(words)),
      imageVolumes: fc.array(words),
      limits: fc.record({ cpu: fc.double({ min: 0.1, max: 64, noNaN: true }), memoryBytes: fc.integer({ min: 1 }), processes: fc.nat() }),
      environment: fc.dictionary(words, words),
      labels: fc.dictionary(words, words),
      sockets: fc.option(words),
      devices: fc.constant([]),
      cpuSeconds: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(containers, (container) => {
        const { HostConfig: host, User: user, Tty: tty } = sealedSpec(container);
        expect(host).toMatchObject({
          Privileged: false,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          ReadonlyRootfs: true,
          NetworkMode: 'none',
          IpcMode: 'private',
        });
        for (const open of [
          'Binds',
          'Devices',
          'CapAdd',
          'PidMode',
          'UsernsMode',
          'UTSMode',
          'CgroupParent',
          'DeviceCgroupRules',
          'VolumesFrom',
          'PortBindings',
          'ExtraHosts',
          'Sysctls',
          'Runtime',
        ]) {
          expect(host).not.toHaveProperty(open);
        }
        expect(
          host?.Mounts?.every(({ Type, ReadOnly, Target }) => Type === 'volume' && ReadOnly === true && Target === '/run/exosphere'),
        ).toBe(true);
        expect([user, tty]).toEqual(['65534:65534', false]);
      }),
    );
  });
});
