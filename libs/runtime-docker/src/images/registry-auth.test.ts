import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registryAuth, registryOf } from './registry-auth.ts';

const hub = 'https://index.docker.io/v1/';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the registry of an image', () => {
  it.each([
    ['busybox:stable', hub],
    ['library/busybox', hub],
    ['docker.io/library/busybox', hub],
    ['index.docker.io/team/name:1', hub],
    ['ghcr.io/team/name@sha256:00', 'ghcr.io'],
    ['localhost/name', 'localhost'],
    ['127.0.0.1:5000/team/name:1', '127.0.0.1:5000'],
  ])('%s is %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry);
  });
});

describe('the credentials for it', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-auth-'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  const config = (text: object | string): Promise<void> =>
    writeFile(join(folder, 'config.json'), typeof text === 'string' ? text : JSON.stringify(text));

  async function helper(name: string, script: string): Promise<void> {
    await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, `docker-credential-${name}`), 0o755);
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  }

  it('are none where nobody has logged in', async () => {
    expect(await registryAuth('ghcr.io/a/b', folder)).toBeNull();
  });

  it.each(['pass', 'correct: horse', 'ÿ>?~', ''])('are what docker login keeps, also with the password %j', async (password) => {
    await config({ auths: { 'ghcr.io': { auth: base64(`anna:${password}`) } } });
    expect(await registryAuth('ghcr.io/a/b', folder)).toEqual({ username: 'anna', password, serveraddress: 'ghcr.io' });
    expect(await registryAuth('quay.io/a/b', folder)).toBeNull();
  });

  it('are those of Docker Hub, whatever name it is called by', async () => {
    await config({ auths: { [hub]: { auth: base64('anna:pass') } } });
    for (const image of ['busybox', 'docker.io/library/busybox'])
      expect(await registryAuth(image, folder)).toMatchObject({ username: 'anna' });
  });

  it('may be a token', async () => {
    await config({ auths: { 'ghcr.io': { auth: base64('anna:'), identitytoken: 'secret-token' } } });
    expect(await registryAuth('ghcr.io/a/b', folder)).toEqual({ identitytoken: 'secret-token', serveraddress: 'ghcr.io' });
  });

  it('may come from a helper, which is asked for one registry', async () => {
    await config({ credHelpers: { 'ghcr.io': 'exo', 'quay.io': 'exo' } });
    await helper(
      'exo',
      'read -r registry; test "$registry" = ghcr.io && echo \'{"Username":"anna","Secret":"pass"}\' || echo \'{"Username":"<token>","Secret":"t"}\'',
    );
    expect(await registryAuth('ghcr.io/a/b', folder)).toEqual({ username: 'anna', password: 'pass', serveraddress: 'ghcr.io' });
    expect(await registryAuth('quay.io/a/b', folder)).toEqual({ identitytoken: 't', serveraddress: 'quay.io' });
  });

  it('are none where the helper has none', async () => {
    await config({ credsStore: 'exo' });
    await helper('exo', 'echo "credentials not found in native keychain"; exit 1');
    expect(await registryAuth('ghcr.io/a/b', folder)).toBeNull();
  });

  it.each([
    ['that is missing', 'exo-missing', ''],
    ['that fails, and reads nothing', 'exo', 'exec <&-; exit 3'],
    ['that says nothing of use', 'exo', 'echo hello'],
  ])('are an error with a helper %s', async (_, name, script) => {
    await config({ credsStore: name });
    if (script !== '') await helper(name, script);
    await expect(registryAuth('ghcr.io/a/b', folder)).rejects.toMatchObject({
      code: 'image-unavailable',
      message: expect.stringContaining(`'docker-credential-${name}' gives no credentials for ghcr.io`),
    });
  });

  it('are an error where the file is broken', async () => {
    await config('{');
    await expect(registryAuth('ghcr.io/a/b', folder)).rejects.toMatchObject({
      code: 'image-unavailable',
      message: expect.stringContaining('is no JSON'),
    });
  });
});
