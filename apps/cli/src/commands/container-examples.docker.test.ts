import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeImage, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExoResult, TestProject } from '../testing/project.ts';
import { clusterText, createTestProject } from '../testing/project.ts';

const examples = join(import.meta.dirname, '../../../../examples');
const env = process.env['DOCKER_HOST'] === undefined ? {} : { DOCKER_HOST: process.env['DOCKER_HOST'] };
const built = /building the image of \S+ \{"tag":"([^"]+)"/;

let project: TestProject;
/** Images that were built for this test alone. */
const images = new Set<string>();

beforeAll(async () => {
  await requireImages(['busybox:stable', 'node:24-bookworm-slim', 'python:3.11-slim-bookworm']);
  project = await createTestProject();
});
afterAll(async () => {
  for (const image of images) await removeImage(image);
  await project.remove();
});

async function exo(args: readonly string[]): Promise<ExoResult> {
  return project.exo(args, { env });
}

/** The image that the last run built, if it built one. */
async function builtImage(): Promise<string | null> {
  const { stdout } = await exo(['runs', 'logs', 'latest']);
  return built.exec(stdout)?.[1] ?? null;
}

describe('an example of a satellite in a container', () => {
  it.each(['days-of-a-period', 'clean-tables', 'document-changes'])('%s gives what its expected-result.json says', async (name) => {
    const expected = JSON.parse(await readFile(join(examples, name, 'expected-result.json'), 'utf8'));
    const { code, value } = await project.json(['run', join(examples, name, 'cluster.yml')], { env });
    expect([code, value.status]).toEqual([expected['exit-code'], expected.status]);
    for (const [execution, output] of Object.entries(expected.executions)) {
      expect((await project.json(['runs', 'show', 'latest', execution])).value.output, execution).toEqual(output);
    }
  });

  it('clean-tables keeps log records and metrics, and tries what cannot succeed once', async () => {
    await exo(['run', join(examples, 'clean-tables/cluster.yml')]);
    const { stdout } = await exo(['runs', 'logs', 'latest', '--step', 'clean']);
    expect(stdout).toMatch(/warn {2}clean\[0\] row dropped \{"row":2,"reason":"no amount"\}/);
    expect(stdout).toMatch(/warn {2}clean\[0\] row dropped \{"row":3,"reason":"repeated"\}/);
    expect((await project.json(['runs', 'show', 'latest', 'clean[0]'])).value.metrics).toEqual({ rows: 3 });
    expect((await project.json(['runs', 'show', 'latest', 'clean[2]'])).value).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'column-missing' },
    });
  });

  it('days-of-a-period says on which day it failed, in the words of its script', async () => {
    const { code, stdout } = await exo(['run', join(examples, 'days-of-a-period/cluster.yml'), '--input', 'first=2027-05-05']);
    expect(stdout).toMatch(/1 × days \[satellite-error\] .*exit code 3.*\n\s+The first day, 2027-05-05, is after the last, 2026-03-04\./);
    expect(code).toBe(4);
  });

  it('is built when it is first run, and not again', async () => {
    await cp(join(examples, 'clean-tables'), join(project.folder, 'clean-tables'), { recursive: true });
    const dockerfile = join(project.folder, 'clean-tables/clean-table/Dockerfile');
    await writeFile(dockerfile, `${await readFile(dockerfile, 'utf8')}LABEL com.exosphere.test=${project.folder}\n`);
    await exo(['run', 'clean-tables/cluster.yml']);
    const image = await builtImage();
    expect(image).toMatch(/^exosphere\/examples\/clean-table:[0-9a-f]{32}$/);
    if (image !== null) images.add(image);
    expect((await exo(['run', 'clean-tables/cluster.yml'])).code).toBe(3);
    expect(await builtImage()).toBeNull();
  });
});

describe('a satellite of a project that runs in a container', () => {
  const manifest = (name: string, docker: string): string =>
    `manifest: 1\nidentifier: satellite/test/${name}\nversion: 1.2.0\nruntime:\n  docker: ${docker}\noutput: { cardinality: many }\n`;
  const says = `{ image: busybox:stable, mode: once, command: [echo, '{"said":true}'] }`;

  it('is found by its name and version without a package.json', async () => {
    await project.write({
      'satellites/says/satellite.yaml': manifest('says', says),
      'named.yml': clusterText('- { identifier: one, uses: satellite/test/says@^1.1 }'),
    });
    const { value } = await project.json(['run', 'named.yml'], { env });
    expect(value).toMatchObject({ status: 'completed', steps: [{ step: 'one', completed: 1, objects: 1 }] });
  });

  it('is refused with the place of each mistake in its manifest', async () => {
    await project.write({
      'typo/satellite.yaml': manifest('typo', '{ image: busybox:stable, comand: [sh], mode: ones }'),
      'typo.yml': clusterText('- { identifier: one, uses: ./typo }'),
    });
    const { code, stderr } = await exo(['run', 'typo.yml']);
    expect(stderr).toMatch(/satellite\.yaml:5:11: \/runtime\/docker: The key 'comand' is not known\. Known are: .*command, mode/);
    expect(stderr).toMatch(/satellite\.yaml:5:56: \/runtime\/docker\/mode: Found a string, expected one of "worker", "once"/);
    expect(code).toBe(2);
  });

  it('fails at once, with what its build said, where its Dockerfile is wrong', async () => {
    await project.write({
      'broken/satellite.yaml': manifest('broken', '{ build: . }'),
      'broken/Dockerfile': 'FROM busybox:stable\nRUN echo "no such package" && exit 7\n',
      'broken.yml': clusterText('- { identifier: one, uses: ./broken }'),
    });
    const { code, value } = await project.json(['run', 'broken.yml'], { env });
    const message = value.failures[0].message;
    expect(message).toMatch(/could not build the image of satellite\/test\/broken: .*non-zero code: 7/);
    expect(message).toMatch(/The build said last:\n[^]*\nno such package/);
    expect(code).toBe(4);
  });

  it('needs a container engine, and says so before anything starts', async () => {
    await project.write({
      'says/satellite.yaml': manifest('says', says),
      'engine.yml': clusterText('- { identifier: one, uses: ./says }'),
    });
    const { code, stderr } = await project.exo(['run', 'engine.yml'], { env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
    expect(stderr).toContain('need a container engine at unix:///nowhere.sock, but none answers there. Install and start Docker');
    expect(stderr).not.toContain('test/cluster #');
    expect(code).toBe(6);
  });
});
