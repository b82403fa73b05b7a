import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireImages } from '@exosphere/testkit';
import type { DockerWorld } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers } from '../testing/docker-world.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';

describe('a process in a container', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  /** What a script prints, standard output and error. */
  async function printed(script: string, mode: 'once' | 'worker' = 'once'): Promise<readonly string[]> {
    const whole = mode === 'once' ? script : shellWorker(`( ${script} )\n${answersOne}`);
    const { replies, logs } = await world.call(`exec 2>&1\n${whole}`, {}, {}, { mode });
    expect(replies[0]).toMatchObject({ kind: 'objects' });
    return logs.map(({ message }) => message);
  }

  it('CTR-01: is nobody, and has no capability, no way to new ones, and a filter of system calls', async () => {
    const lines = await printed("grep -E '^(Uid:|Gid:|Groups:|Cap|NoNewPrivs:|Seccomp:)' /proc/self/status; id -u; id -g; id -G");
    const none = '0000000000000000';
    expect(lines.map((line) => line.trim().replace(/\s+/g, ' '))).toEqual([
      'Uid: 65534 65534 65534 65534',
      'Gid: 65534 65534 65534 65534',
      expect.stringMatching(/^Groups:( 65534)?$/),
      ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}: ${none}`),
      'NoNewPrivs: 1',
      'Seccomp: 2',
      ...['65534', '65534', '65534'],
    ]);
  });

  const forbidden = [
    'mount -t tmpfs none /tmp',
    'mount -o remount,rw /',
    'mount -o bind / /tmp',
    'umount /tmp',
    'unshare -U true',
    'unshare -m true',
    'unshare -n true',
    'unshare -p -f true',
    'nsenter -t 1 -m true',
    'chroot / true',
    'pivot_root /tmp /tmp',
    'mknod /tmp/disk b 8 0',
    'chown 0 /tmp',
    'date -s 2020-01-01; test $(date +%Y) = 2020',
    'hostname other',
    'dmesg',
    'renice -n -5 1',
    'setpriv --reuid 0 true',
    'ip link add dummy0 type dummy',
    'echo -500 >/proc/self/oom_score_adj',
    'echo 1 >/proc/sys/kernel/core_pattern',
    'echo c >/proc/sysrq-trigger',
    'echo 0 >/sys/fs/cgroup/memory/memory.limit_in_bytes',
    'echo max >/sys/fs/cgroup/memory.max',
  ];

  it('CTR-01: may not mount, unshare, change the system or become somebody else', async () => {
    const lines = await printed(
      forbidden.map((attempt) => `( ${attempt} ) >/dev/null 2>&1 && echo '${attempt}'`).join('\n') + '\necho tried',
    );
    expect(lines).toEqual(['tried']);
  });

  it.each(['once', 'worker'] as const)(
    'CTR-01: writes to its memory and nowhere else, and runs nothing that it wrote (mode: %s)',
    async (mode) => {
      const script = `for point in $(awk '{print $5}' /proc/self/mountinfo); do touch "$point/written" 2>/dev/null && echo "$point"; done
      for folder in / /bin /etc /home /root /usr /var /opt /run /run/exosphere /dev; do touch "$folder/written" 2>/dev/null && echo "$folder"; done
      for folder in /tmp /dev/shm; do cp /bin/busybox "$folder/busybox" && chmod 755 "$folder/busybox" && "$folder/busybox" true 2>/dev/null && echo "ran in $folder"; done
      exit 0`;
      expect((await printed(script, mode)).toSorted()).toEqual(['/dev/mqueue', '/dev/shm', '/tmp']);
    },
  );

  it('CTR-01: has limits: no core dumps, few open files, an end of CPU time', async () => {
    const [core, files, seconds, dumped] = await printed("ulimit -c; ulimit -n; ulimit -t; sh -c 'kill -ABRT $$'; ls /tmp");
    expect([core, files, dumped]).toEqual(['0', '4096', 'Aborted']);
    expect(Number(seconds)).toBeGreaterThan(0);
  });

  it('CTR-01: sees no device of the host, none of its processes and no socket but those of its own folder', async () => {
    const lines = await printed(
      "find /dev -type b; find /dev -type c -not -path '/dev/pts*' | sort; ls -d /proc/[0-9]* | wc -l; find / -xdev -type s; ls /run/exosphere; cat /proc/net/unix | wc -l",
    );
    expect(lines).toEqual([
      ...['full', 'null', 'random', 'tty', 'urandom', 'zero'].map((name) => `/dev/${name}`),
      expect.stringMatching(/^[1-9]$/),
      'files.sock',
      '1', // a headline
    ]);
  });
});
