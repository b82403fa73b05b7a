import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const good = clusterText(
  `
- identifier: list
  uses: satellite/exospherehost/script
  config: { returns: many, code: 'return [{ n: 1 }]' }
- identifier: each
  uses: satellite/exospherehost/transform
  input: { n: '$\${{ satellites.list.output.n }}', token: '\${{ secrets.TOKEN }}' }
`,
  'secrets: [TOKEN]',
);

const local = `
manifest: 1
identifier: satellite/test/local
title: Local
runtime: { isolate: { entry: index.js } }
config: { type: object }
input: {}
output: { cardinality: one, schema: { type: object } }
`;

let project: TestProject;
beforeAll(async () => {
  project = await createTestProject({
    'good.yml': good,
    'bad.yml': good
      .replace('satellites.list', 'satellites.lst')
      .replace('uses: satellite/exospherehost/transform', 'uses: satellite/exospherehost/transfrom'),
    'path.yml': clusterText('- { identifier: one, uses: ./satellites/local }'),
    'satellites/local/satellite.yaml': local,
    'satellites/local/package.json': '{"name": "local", "version": "1.2.3", "type": "module"}',
    'satellites/local/index.js': 'export default { run: async () => [{ a: 1 }] };',
    'environments/local.yml': 'secrets: { TOKEN: { from-env: MY_TOKEN } }\n',
  });
});
afterAll(() => project.remove());

describe('exo validate', () => {
  it('says that a file is valid', async () => {
    const { code, stdout } = await project.exo(['validate', 'good.yml']);
    expect(stdout).toBe('good.yml: valid\n');
    expect(code).toBe(0);
  });

  it('says all that is wrong, with places and hints', async () => {
    const { code, stderr, stdout } = await project.exo(['validate', 'bad.yml']);
    expect(stderr).toMatch(
      /^bad\.yml:12:13 error There is no satellite 'satellite\/exospherehost\/transfrom'\. Did you mean 'satellite\/exospherehost\/transform'\?/m,
    );
    expect(stderr).toMatch(/^bad\.yml:13:25 error .*'lst'.*Did you mean 'list'\?/m);
    expect(stdout).toBe('bad.yml: invalid, 2 errors\n');
    expect(code).toBe(2);
  });

  it('gives the same as JSON', async () => {
    const { code, value } = await project.json(['validate', 'bad.yml']);
    expect(code).toBe(2);
    expect(value).toMatchObject({
      valid: false,
      diagnostics: [
        { code: 'unknown-satellite', line: 12 },
        { code: 'unknown-step', line: 13 },
      ],
    });
  });

  it('names the environments that there are', async () => {
    const { code, stderr } = await project.exo(['validate', 'good.yml', '--env', 'locla']);
    expect(stderr).toContain("There is no environment 'locla'");
    expect(stderr).toContain("Did you mean 'local'?");
    expect(code).toBe(2);
  });
});

describe('exo plan', () => {
  it('shows the graph, what templates read and where secrets come from', async () => {
    const { code, stdout } = await project.exo(['plan', 'good.yml', '--env', 'local'], {
      env: { MY_TOKEN: 'the-token-of-the-environment' },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('environment  environments/local.yml');
    expect(stdout).toMatch(/each {2}satellite\/exospherehost\/transform@1\.0\.0/);
    expect(stdout).toContain('once per object of list');
    expect(stdout).toContain('input/n  ←  $satellites.list.output.n');
    expect(stdout).toMatch(/TOKEN {2}from the environment/);
    expect(stdout).not.toContain('the-token');
  });

  it('says which secrets have no value, and why', async () => {
    const { stdout } = await project.exo(['plan', 'good.yml', '--env', 'local']);
    expect(stdout).toContain('missing: the variable MY_TOKEN is not set');
  });

  it('gives the plan as JSON', async () => {
    const { value } = await project.json(['plan', 'good.yml']);
    expect(value).toMatchObject({
      valid: true,
      identifier: 'test/cluster',
      revision: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      edges: [{ from: 'list', to: 'each', kind: 'needs' }],
      secrets: [{ name: 'TOKEN', steps: ['each'], from: { kind: 'missing' } }],
    });
  });
});

describe('exo lock', () => {
  it('pins what a file uses, and notices that it changed', async () => {
    const { code } = await project.exo(['lock', 'path.yml']);
    expect(code).toBe(0);
    const lock = JSON.parse(await readFile(join(project.folder, 'path.yml.lock'), 'utf8')) as { uses: Record<string, { version: string }> };
    expect(lock.uses['./satellites/local']?.version).toBe('1.2.3');
    const before = await project.json(['validate', 'path.yml']);

    await project.write({ 'satellites/local/index.js': 'export default { run: async () => [{ a: 2 }] };' });
    const kept = await project.json(['validate', 'path.yml']);
    expect(kept.value.revision).toBe(before.value.revision);

    const updated = await project.exo(['lock', 'path.yml', '--update']);
    expect(updated.stdout).toContain('~ ./satellites/local 1.2.3');
    expect((await project.json(['validate', 'path.yml'])).value.revision).not.toBe(before.value.revision);
  });

  it('refuses what it pins and what is not here any more', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await project.write({
      'good.yml.lock': JSON.stringify({ lock: 1, uses: { 'satellite/exospherehost/script': { version: '0.9.0', digest } } }),
    });
    const { code, stderr } = await project.exo(['validate', 'good.yml']);
    expect(stderr).toContain("The lock pins 'satellite/exospherehost/script' to 0.9.0");
    expect(stderr).toContain('exo lock --update');
    expect(code).toBe(2);
    await project.exo(['lock', 'good.yml', '--update']);
    expect((await project.exo(['validate', 'good.yml'])).code).toBe(0);
  });

  it('refuses a lock that is none', async () => {
    await project.write({ 'path.yml.lock': '{' });
    const { code, stderr } = await project.exo(['validate', 'path.yml']);
    expect(stderr).toContain("The lock 'path.yml.lock' cannot be read");
    expect(code).toBe(2);
  });
});

describe('a package that cannot be built', () => {
  it('is named with its problems', async () => {
    await project.write({
      'broken.yml': clusterText('- { identifier: one, uses: ./satellites/broken }'),
      'satellites/broken/satellite.yaml': 'manifest: 1\nidentifier: satellite/test/broken\n',
      'satellites/broken/package.json': '{"version": "1.0.0"}',
    });
    const { code, stderr } = await project.exo(['validate', 'broken.yml']);
    expect(stderr).toContain('satellites/broken');
    expect(code).toBe(2);
  });
});

describe('exo init', () => {
  it('makes a cluster that runs, and overwrites nothing', async () => {
    expect((await project.exo(['init', 'my hello'])).code).toBe(0);
    const { code, value } = await project.json([
      'run',
      'my hello/cluster.yml',
      '--env',
      'local',
      '--input',
      'names=[{"name":"Ada"},{"name":"Grace"}]',
    ]);
    expect(code).toBe(0);
    expect(value).toMatchObject({
      cluster: 'my-hello/greetings',
      status: 'completed',
      steps: [
        { step: 'people', objects: 2 },
        { step: 'greet', completed: 2 },
      ],
    });
    const again = await project.exo(['init', 'my hello']);
    expect(again.stderr).toContain("There is a 'my hello/cluster.yml' already");
    expect(again.code).toBe(2);
  });
});

describe('exo secrets', () => {
  it('seals a value that it reads from standard input, and never tells it', async () => {
    const set = await project.exo(['secrets', 'set', 'TOKEN', '--of', 'test'], { input: 'the-value-of-the-token\n' });
    expect(set).toMatchObject({ code: 0, stdout: 'Set TOKEN for test\n' });
    const list = await project.exo(['secrets', 'ls']);
    expect(list.stdout).toMatch(/^TOKEN\s+test\s+version 1/);
    const plan = await project.exo(['plan', 'good.yml']);
    expect(plan.stdout).toContain('from the vault');
    expect(`${list.stdout}${plan.stdout}`).not.toContain('the-value');
    expect((await project.exo(['secrets', 'rm', 'TOKEN', '--of', 'test'])).code).toBe(0);
    expect((await project.exo(['secrets', 'rm', 'TOKEN', '--of', 'test'])).code).toBe(2);
  });

  it('wants to know whose secret it is', async () => {
    const { code, stderr } = await project.exo(['secrets', 'set', 'TOKEN'], { input: 'x' });
    expect(stderr).toContain('Whose secret is it?');
    expect(code).toBe(2);
  });

  it('warns of a value that is too short to be masked', async () => {
    const { stderr } = await project.exo(['secrets', 'set', 'PIN', '--of', 'test/cluster'], { input: '1234' });
    expect(stderr).toContain('less than 8');
  });
});

describe('exo doctor', () => {
  it('finds what there is and what is missing', async () => {
    const { value } = await project.json(['doctor']);
    const states = Object.fromEntries(value.findings.map(({ what, state }: { what: string; state: string }) => [what, state]));
    expect(states).toMatchObject({ node: 'good', folder: expect.any(String) as string, database: 'good', isolates: 'good' });
  });

  it('says that a database cannot be reached', async () => {
    const { code, stdout } = await project.exo(['doctor'], { env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' } });
    expect(stdout).toMatch(/✗ database .*127\.0\.0\.1:1/);
    expect(code).toBe(6);
  });
});
