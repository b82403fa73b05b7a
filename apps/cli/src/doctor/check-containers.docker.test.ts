import { expect, it } from 'vitest';
import { checkContainers } from './check-containers.ts';

it('the finding on containers tells the version and the settings of a real engine', async () => {
  const { finding, engine } = await checkContainers(process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock');
  expect(finding).toMatchObject({
    state: 'good',
    found: expect.stringMatching(/^(Docker|Podman) \d+\.\d+\S* at \S+, API 1\.\d+, cgroup v[12], \S+/),
    advice: null,
  });
  expect(engine?.runtimes.length).toBeGreaterThan(0);
});
