import type { EngineAnswer, EngineFacts } from './ask-engine.ts';
import { askEngine } from './ask-engine.ts';
import type { Finding } from './finding.ts';

const what = 'containers';
const otherwise = 'Satellites in isolates need none.';

/** The container engine, in one line, and what to do where there is none that can be used. */
export async function checkContainers(containerHost: string): Promise<{ readonly finding: Finding; readonly engine: EngineFacts | null }> {
  if (!containerHost.startsWith('unix://')) {
    const advice = `Only an engine at a unix socket was looked at: DOCKER_HOST=unix:///var/run/docker.sock. ${otherwise}`;
    return { finding: { what, state: 'missing', found: `${containerHost} was not asked`, advice }, engine: null };
  }
  const path = containerHost.slice('unix://'.length);
  const answer = await askEngine(path);
  return { finding: containersFinding(path, answer), engine: answer.kind === 'facts' ? answer.facts : null };
}

/** What is said of an engine that answered so. */
export function containersFinding(path: string, answer: EngineAnswer): Finding {
  if (answer.kind === 'facts') {
    const { name, apiVersion, cgroupVersion, storage, runtimes } = answer.facts;
    const nvidia = runtimes.includes('nvidia') ? ', NVIDIA runtime' : '';
    const found = `${name} at ${path}, API ${apiVersion}, cgroup v${cgroupVersion}, ${storage}${nvidia}`;
    return { what, state: 'good', found, advice: null };
  }
  switch (answer.code) {
    case 'ENOENT':
      return {
        ...{ what, state: 'missing', found: `no engine at ${path}` },
        advice: `Install and start Docker or Podman, or set DOCKER_HOST to where it listens. ${otherwise}`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        ...{ what, state: 'missing', found: `this user may not use the engine at ${path}` },
        advice: `Add the user to the group docker (sudo usermod -aG docker $USER) and log in again. ${otherwise}`,
      };
    case 'ECONNREFUSED':
      return {
        ...{ what, state: 'missing', found: `nobody listens at ${path}` },
        advice: `Start the engine (sudo systemctl start docker). ${otherwise}`,
      };
    default:
      return {
        ...{ what, state: 'missing', found: `the engine at ${path} does not answer as one: ${answer.message}` },
        advice: `Look at its log (journalctl -u docker), or restart it. ${otherwise}`,
      };
  }
}
