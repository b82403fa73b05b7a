import { chmod, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileVault } from './file-vault.ts';
import type { FileVault } from './file-vault.ts';

const canary = 'canary-5f2a-öß';
const place = { project: 'aikin', cluster: 'aikin/pdfs', name: 'TOKEN' };
const asked = { project: 'aikin', cluster: 'aikin/pdfs', run: 'r', signal: new AbortController().signal };

let folder: string;
let vault: FileVault;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exosphere-vault-'));
  vault = openFileVault({ folder });
});
afterEach(() => rm(folder, { recursive: true }));

const values = async (names: readonly string[], other = {}): Promise<Record<string, string>> =>
  Object.fromEntries(await vault.open(names, { ...asked, ...other }));
const files = async (): Promise<string[]> => (await readdir(join(folder, 'secrets'))).map((name) => join(folder, 'secrets', name));

describe('a vault in a folder', () => {
  it('gives back what was put in, to the cluster that it belongs to', async () => {
    await vault.set(place, canary);
    expect(await values(['TOKEN', 'OTHER'])).toEqual({ TOKEN: canary });
  });

  it('takes the secret of the cluster before that of its project', async () => {
    await vault.set({ ...place, cluster: null }, 'of-the-project');
    expect(await values(['TOKEN'])).toEqual({ TOKEN: 'of-the-project' });
    await vault.set(place, 'of-the-cluster');
    expect(await values(['TOKEN'])).toEqual({ TOKEN: 'of-the-cluster' });
  });

  it('gives no cluster the secret of another one (SEC-09)', async () => {
    await vault.set(place, canary);
    expect(await values(['TOKEN'], { cluster: 'aikin/other' })).toEqual({});
    expect(await values(['TOKEN'], { project: 'other', cluster: 'aikin/pdfs' })).toEqual({});
  });

  it('holds no value and no key in the files of the secrets (SEC-01)', async () => {
    await vault.applyLiterals('aikin', 'aikin/pdfs', { TOKEN: canary });
    const key = (await readFile(join(folder, 'vault.key'), 'utf8')).trim();
    for (const file of await files()) {
      const text = await readFile(file, 'utf8');
      for (const form of [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex'), key])
        expect(text).not.toContain(form);
    }
  });

  it('lets nobody else read its files', async () => {
    await vault.set(place, canary);
    for (const file of [...(await files()), join(folder, 'vault.key')]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('refuses a key that others can read', async () => {
    await vault.set(place, canary);
    await chmod(join(folder, 'vault.key'), 0o644);
    await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-key-exposed' });
  });

  it('never makes a new key over secrets that it could not open (SEC-03)', async () => {
    await vault.set(place, canary);
    await rm(join(folder, 'vault.key'));
    await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-key-missing' });
    await expect(vault.set({ ...place, name: 'NEW' }, 'x')).rejects.toMatchObject({ code: 'vault-key-missing' });
    expect(await readdir(folder)).toEqual(['secrets']);
  });

  it('opens nothing with another key (SEC-03)', async () => {
    await vault.set(place, canary);
    await writeFile(join(folder, 'vault.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
    await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-damaged' });
    await writeFile(join(folder, 'vault.key'), 'short\n');
    await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-key-invalid' });
  });

  it('opens no file that was put in the place of another (SEC-02)', async () => {
    await vault.set({ ...place, name: 'OTHER' }, 'the-other-value');
    const [other = ''] = await files();
    await vault.set(place, canary);
    const [own = ''] = (await files()).filter((file) => file !== other);
    await rename(other, own);
    await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-damaged' });
  });

  it('opens no file that was changed at any place, or cut off (SEC-02)', async () => {
    await vault.set(place, canary);
    const [file = ''] = await files();
    const text = await readFile(file, 'utf8');
    const sealed = JSON.parse(text) as { envelope: Record<string, Record<string, string>>; version: number };
    for (const [part, fields] of Object.entries(sealed.envelope)) {
      for (const [field, value] of Object.entries(fields)) {
        const bytes = Buffer.from(value, 'base64');
        for (let i = 0; i < bytes.length; i += 1) {
          const flipped = Buffer.from(bytes);
          flipped[i] = (flipped[i] ?? 0) ^ 1;
          const envelope = { ...sealed.envelope, [part]: { ...fields, [field]: flipped.toString('base64') } };
          await writeFile(file, JSON.stringify({ ...sealed, envelope }));
          await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-damaged' });
        }
      }
    }
    for (const broken of [text.slice(0, -20), '', '{}', JSON.stringify({ ...sealed, version: sealed.version + 1 })]) {
      await writeFile(file, broken);
      await expect(values(['TOKEN'])).rejects.toMatchObject({ code: 'vault-damaged' });
    }
  });

  it('never uses a nonce or a data key twice (SEC-13)', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 50; i += 1) {
      await vault.set(place, canary);
      const [file = ''] = await files();
      const { envelope } = JSON.parse(await readFile(file, 'utf8')) as { envelope: Record<string, Record<string, string>> };
      for (const { nonce } of Object.values(envelope)) seen.add(nonce ?? '');
    }
    expect(seen.size).toBe(100);
  });

  it('tells names and times, never values (SEC-05)', async () => {
    await vault.set(place, canary);
    const notes = await vault.list();
    expect(notes).toEqual([{ ...place, version: 1, updatedAt: expect.any(String) }]);
    expect(JSON.stringify(notes)).not.toContain(canary);
  });

  it('forgets a secret that is removed', async () => {
    await vault.set(place, canary);
    expect(await vault.remove(place)).toBe(true);
    expect(await vault.remove(place)).toBe(false);
    expect(await values(['TOKEN'])).toEqual({});
  });

  it('refuses an empty value', async () => {
    await expect(vault.set(place, '')).rejects.toMatchObject({ code: 'secret-invalid' });
  });

  it('makes one key, whoever comes first', async () => {
    const vaults = Array.from({ length: 8 }, () => openFileVault({ folder }));
    await Promise.all(vaults.map((one, i) => one.set({ ...place, name: `S${i}` }, `value ${i}`)));
    const names = vaults.map((_, i) => `S${i}`);
    expect(await values(names)).toEqual(Object.fromEntries(names.map((name, i) => [name, `value ${i}`])));
  });
});

describe('the literals of a cluster file', () => {
  const apply = (literals: Record<string, string>): Promise<readonly string[]> => vault.applyLiterals('aikin', 'aikin/pdfs', literals);

  it('are written once', async () => {
    expect(await apply({ TOKEN: 'first', OTHER: 'x' })).toEqual(['TOKEN', 'OTHER']);
    expect(await apply({ TOKEN: 'first', OTHER: 'x' })).toEqual([]);
  });

  it('never overwrite a value that was set since', async () => {
    await apply({ TOKEN: 'first' });
    await vault.set(place, 'rotated');
    expect(await apply({ TOKEN: 'first' })).toEqual([]);
    expect(await values(['TOKEN'])).toEqual({ TOKEN: 'rotated' });
  });

  it('are taken when the file gives another value', async () => {
    await apply({ TOKEN: 'first' });
    await vault.set(place, 'rotated');
    expect(await apply({ TOKEN: 'second' })).toEqual(['TOKEN']);
    expect(await values(['TOKEN'])).toEqual({ TOKEN: 'second' });
  });
});
