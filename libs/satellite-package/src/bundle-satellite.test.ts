import { cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleSatellite, openLocalSatellites } from './index.ts';

const manifest = (name: string): string => `
manifest: 1
identifier: satellite/test/${name}
runtime: { isolate: {} }
output: { cardinality: one }
`;

async function namesIn(archive: Uint8Array | null): Promise<readonly string[]> {
  const names: string[] = [];
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

describe('a satellite in a folder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'exosphere-bundle-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const write = async (files: Readonly<Record<string, string>>, folder = join(root, 'one')): Promise<string> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  };

  const plain = {
    'satellite.yaml': manifest('plain'),
    'package.json': '{ "version": "1.2.3" }',
    'src/index.ts': "import { greet } from './greet.ts';\nexport default { run: () => [{ text: greet('you') }] };\n",
    'src/greet.ts': 'export const greet = (name: string): string => `Hello, ${name}!`;\n',
  };

  it('is bundled into one script, with its version and digest', async () => {
    const satellite = await bundleSatellite(await write(plain));
    expect(satellite).toMatchObject({
      reference: 'satellite/test/plain',
      version: '1.2.3',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const evaluate = new Script(satellite.bundle ?? '').runInThisContext() as () => { run: () => unknown };
    expect(evaluate().run()).toEqual([{ text: 'Hello, you!' }]);
  });

  it('has the same digest wherever it lies, and however its manifest is formatted', async () => {
    const here = await bundleSatellite(await write(plain));
    const there = join(root, 'quite/another/place with blanks');
    await mkdir(dirname(there), { recursive: true });
    await cp(join(root, 'one'), there, { recursive: true });
    await write({ 'satellite.yaml': `# a comment\n${manifest('plain')}` }, there);
    const moved = await bundleSatellite(there);
    expect([moved.digest, moved.bundle]).toEqual([here.digest, here.bundle]);
  });

  it('has the same digest wherever its dependencies lie', async () => {
    const dependency = {
      'package.json': '{ "name": "dep", "version": "1.0.0", "main": "index.js" }',
      'index.js': 'module.exports = { two: 2 };',
    };
    const using = { ...plain, 'src/index.ts': "import dep from 'dep';\nexport default { run: () => [dep] };\n" };
    const near = await write(using);
    await write(dependency, join(near, 'node_modules/dep'));
    const far = await write(using, join(root, 'deep/er/two'));
    await write(dependency, join(root, 'store/dep'));
    await mkdir(join(root, 'deep/node_modules'), { recursive: true });
    await symlink(join(root, 'store/dep'), join(root, 'deep/node_modules/dep'));
    expect((await bundleSatellite(far)).digest).toBe((await bundleSatellite(near)).digest);
  });

  it('has another digest when its code, its manifest or a dependency is another', async () => {
    const digests = new Set([
      (await bundleSatellite(await write(plain))).digest,
      (await bundleSatellite(await write({ ...plain, 'src/greet.ts': plain['src/greet.ts'].replace('Hello', 'Hi') }))).digest,
      (await bundleSatellite(await write({ ...plain, 'satellite.yaml': `${manifest('plain')}timeout: 5s\n` }))).digest,
    ]);
    expect(digests.size).toBe(3);
  });

  it.each([
    [
      "import { readFileSync } from 'node:fs';\nexport default { run: () => [readFileSync('/')] };",
      /src\/index\.ts:1:30: 'node:fs' is a module of Node/,
    ],
    ["import { join } from 'path';\nexport default { run: () => [join('a')] };", /'path' is a module of Node/],
    ["import x from 'not-installed';\nexport default { run: () => [x] };", /Could not resolve "not-installed"/],
    ['export default {', /src\/index\.ts:1:\d+: .*end of file/],
    ['export default { run: async () => [] };\nawait 1;', /Top-level await/],
  ])('is refused with the place of what is wrong in its code: %#', async (code, message) => {
    await expect(bundleSatellite(await write({ ...plain, 'src/index.ts': code }))).rejects.toMatchObject({
      code: 'satellite-invalid',
      retryable: false,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [{ 'satellite.yaml': `${manifest('plain')}titel: x\n` }, /satellite\.yaml:2:1: The key 'titel' is not known/],
    [{ 'package.json': '{}' }, /has no version; write one into satellite\.yaml \(version: 1\.0\.0\), or into package\.json/],
    [{ 'package.json': '{ "version": "1" }' }, /package\.json: found the version "1", expected one like 1\.0\.0/],
    [
      { 'satellite.yaml': `${manifest('plain')}version: 1.2.4\n` },
      /package\.json has the version 1\.2\.3, satellite\.yaml has 1\.2\.4; take it out of satellite\.yaml/,
    ],
    [{ 'satellite.yaml': `${manifest('plain')}version: 1.2\n` }, /satellite\.yaml:6:10: \/version: Found a number, expected string/],
    [{ 'package.json': '{' }, /package\.json is no JSON/],
  ])('is refused for what is wrong in its package: %#', async (files, message) => {
    await expect(bundleSatellite(await write({ ...plain, ...files }))).rejects.toThrow(message);
  });

  it('may have its version in its manifest, with package.json or without, and the same digest', async () => {
    const { 'package.json': npm, ...code } = plain;
    const versioned = { ...code, 'satellite.yaml': `${manifest('plain')}version: 1.2.3\n` };
    const { digest } = await bundleSatellite(await write(plain));
    expect(await bundleSatellite(await write(versioned, join(root, 'two')))).toMatchObject({ version: '1.2.3', digest });
    expect(await bundleSatellite(await write({ ...versioned, 'package.json': npm }, join(root, 'three')))).toMatchObject({ digest });
    expect(await bundleSatellite(await write({ ...versioned, 'package.json': '{}' }, join(root, 'four')))).toMatchObject({ digest });
    await expect(bundleSatellite(await write(code, join(root, 'five')))).rejects.toThrow(/has no version/);
    await expect(bundleSatellite(join(root, 'nowhere'))).rejects.toThrow(/there is no satellite\.yaml/);
  });

  describe('that runs in a container', () => {
    const docker = (runtime: string): string => manifest('plain').replace('isolate: {}', `docker: { ${runtime} }`);
    const python = {
      'satellite.yaml': docker('build: .'),
      'package.json': plain['package.json'],
      Dockerfile: 'FROM scratch\n',
      'main.py': 'print(1)',
    };

    it('has an archive of its files, without what is installed, and no bundle', async () => {
      const folder = await write({ ...python, 'node_modules/x/index.js': '' });
      const before = await bundleSatellite(folder);
      expect(before).toMatchObject({ bundle: null, manifest: { runtime: { kind: 'docker', build: '.' } } });
      expect(await namesIn(before.archive)).toEqual(['Dockerfile', 'main.py', 'package.json', 'satellite.yaml']);
      await write({ 'node_modules/x/index.js': 'changed' });
      expect((await bundleSatellite(folder)).digest).toBe(before.digest);
      await write({ 'main.py': 'print(2)' });
      expect((await bundleSatellite(folder)).digest).not.toBe(before.digest);
    });

    it('has the same archive in another folder and on another day', async () => {
      const here = await bundleSatellite(await write(python));
      const there = await write(python, join(root, 'quite/another/place'));
      await utimes(join(there, 'main.py'), 1, 1);
      expect((await bundleSatellite(there)).archive).toEqual(here.archive);
    });

    it('gets what runs its entry: a bundle for TypeScript, the package for Python', async () => {
      const typed = { ...plain, 'satellite.yaml': docker('build: ., entry: src/index.ts'), Dockerfile: 'FROM scratch\n' };
      expect(await namesIn((await bundleSatellite(await write(typed))).archive)).toContain('satellite.mjs');
      const snake = { ...python, 'satellite.yaml': docker('build: ., entry: main.py') };
      const { archive } = await bundleSatellite(await write(snake, join(root, 'two')));
      expect(await namesIn(archive)).toContain('exosphere_satellite/__init__.py');
    });

    it('has no archive where its image is only named', async () => {
      const named = { 'satellite.yaml': docker('image: busybox'), 'package.json': plain['package.json'] };
      expect(await bundleSatellite(await write(named))).toMatchObject({ archive: null, bundle: null });
    });

    it.each([
      [{ ...python, Dockerfile: undefined }, /there is no Dockerfile in '\.'/],
      [{ ...python, 'satellite.yaml': docker('build: docker') }, /'docker' cannot be read/],
      [{ ...python, 'satellite.yaml': docker('build: ../other') }, /leaves the package/],
      [{ ...plain, 'satellite.yaml': docker('build: ., entry: src/absent.ts'), Dockerfile: '' }, /Could not resolve/],
      [
        { ...plain, 'satellite.yaml': docker('build: ., entry: src/index.ts'), Dockerfile: '', 'satellite.mjs': '' },
        /is put there by the build/,
      ],
    ])('is refused for what its image cannot be built of: %#', async (files, message) => {
      const present = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
      await expect(bundleSatellite(await write(Object.fromEntries(present)))).rejects.toThrow(message);
    });

    it('is refused where a link leads out of it', async () => {
      const folder = await write(python);
      await symlink('/etc/passwd', join(folder, 'passwd'));
      await expect(bundleSatellite(folder)).rejects.toThrow(/passwd is no plain file/);
    });
  });

  describe('among others', () => {
    const open = () => openLocalSatellites({ folders: [root, join(root, 'absent')], cacheFolder: join(root, '.exosphere') });

    it('is found and built, and those that cannot be are told', async () => {
      await write(plain);
      await write({ ...plain, 'satellite.yaml': manifest('broken'), 'src/index.ts': 'export default {' }, join(root, 'two'));
      await write({ 'README.md': 'no satellite' }, join(root, 'three'));
      const local = await open();
      expect(local.all.map(({ reference, version }) => [reference, version])).toEqual([['satellite/test/plain', '1.2.3']]);
      expect(local.failures.map(({ message }) => message)).toEqual([expect.stringContaining('two')]);
      const digest = local.all[0]?.digest ?? '';
      expect(local.manifest(digest)?.identifier).toBe('satellite/test/plain');
      expect(await local.load(digest)).toMatchObject({ digest, folder: join(root, 'one') });
      expect(await local.load('sha256:other')).toBeNull();
    });

    it('is built anew only when something that it is made of has changed', async () => {
      await write(plain);
      const first = (await open()).all[0];
      expect((await open()).all[0]).toEqual(first);
      await write({ 'src/greet.ts': plain['src/greet.ts'].replace('Hello', 'Hi') });
      expect((await open()).all[0]?.digest).not.toBe(first?.digest);
    });

    it('is built anew when a package.json comes to it that says another version', async () => {
      const { 'package.json': npm, ...code } = plain;
      await write({ ...code, 'satellite.yaml': `${manifest('plain')}version: 1.2.4\n` });
      expect((await open()).all[0]).toMatchObject({ version: '1.2.4' });
      expect((await open()).all[0]).toMatchObject({ version: '1.2.4' });
      await write({ 'package.json': npm });
      expect((await open()).failures.map(({ message }) => message)).toEqual([expect.stringContaining('has the version 1.2.3')]);
    });

    it('is not taken from a cache that was tampered with', async () => {
      await write(plain);
      const first = (await open()).all[0];
      const { readdir, readFile } = await import('node:fs/promises');
      const [name = ''] = await readdir(join(root, '.exosphere/bundles'));
      const path = join(root, '.exosphere/bundles', name);
      await writeFile(path, (await readFile(path, 'utf8')).replace('Hello', 'Hacked'));
      expect((await open()).all[0]).toEqual(first);
      await writeFile(path, '{');
      expect((await open()).all[0]).toEqual(first);
    });
  });
});
