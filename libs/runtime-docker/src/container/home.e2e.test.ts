import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryBlobs } from '@exosphere/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Home } from './home.ts';
import { openHome } from './home.ts';

/** As long as the id of a process is. */
const owner = '0123456789ab.4026531836.1234567.12345678';

describe('the sockets of a container', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  function open(base: string): Promise<Home> {
    const rules = { allow: ['example.com'], rewrites: [], origins: [], mostResponseBytes: 1 } as const;
    return openHome({
      base,
      name: `exo-once-${'0'.repeat(32)}`,
      project: 'p',
      blobs: memoryBlobs(),
      rules,
      server: null,
      onRefused: () => undefined,
    });
  }

  it('are in a folder of their own for each attempt: an old one that is closed leaves the new one alone', async () => {
    const [before, after] = [await open(folder), await open(folder)];
    await before.close();
    expect(await readdir(after.folder)).toEqual(['egress.sock', 'files.sock']);
    await after.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('have a path that is short enough, in the folder of a user whose number is long, too', async () => {
    const base = join(folder, 'exosphere-1234567890', owner);
    const home = await open(base);
    expect(await readdir(home.folder)).toContain('files.sock');
    await home.close();
  });

  it('are refused where their path is too long, with what to set', async () => {
    const base = join(folder, 'a'.repeat(60), owner);
    await expect(open(base)).rejects.toMatchObject({
      code: 'runtime-unavailable',
      retryable: true,
      message: expect.stringMatching(/107 are the most\. Set TMPDIR/),
    });
  });
});
