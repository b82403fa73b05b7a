import { callEngine } from '@exosphere/testkit';

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a command as satellites run: not root, without capabilities, network or a root folder that can be written. */
export async function runConfined(image: string, command: readonly string[]): Promise<ContainerEnd> {
  const confined = {
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    Tmpfs: { '/tmp': '' },
  };
  const body = { Image: image, Cmd: command, Tty: true, User: '65534:65534', HostConfig: { ...confined, Init: true } };
  const created = await callEngine({ method: 'POST', path: '/containers/create', body });
  const { Id: id } = JSON.parse(created.text) as { Id: string };
  try {
    await callEngine({ method: 'POST', path: `/containers/${id}/start` });
    const { text } = await callEngine({ method: 'POST', path: `/containers/${id}/wait`, signal: AbortSignal.timeout(30_000) });
    const { StatusCode: exitCode } = JSON.parse(text) as { StatusCode: number };
    const logs = await callEngine({ path: `/containers/${id}/logs`, query: { stdout: '1', stderr: '1' } });
    return { exitCode, output: logs.text.replaceAll('\r\n', '\n').trim() };
  } finally {
    await callEngine({ method: 'DELETE', path: `/containers/${id}`, query: { force: '1', v: '1' } });
  }
}
