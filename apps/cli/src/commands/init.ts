import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { Call } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';

/** `exo init` */
export async function initCommand({ operands: [folder = '.'], out }: Call): Promise<ExitCode> {
  const root = resolve(folder);
  const project = projectName(root);
  const files = filesOf(project);
  for (const name of files.keys()) {
    if (await isThere(join(root, name)))
      throw new UsageError(`There is a '${relative(process.cwd(), join(root, name))}' already. Give another folder.`, 'exo init --help');
  }
  for (const [name, text] of files) await write(join(root, name), text);
  const file = relative(process.cwd(), join(root, 'cluster.yml'));
  if (out.isJson) out.json({ files: [...files.keys()].map((name) => join(root, name)) });
  else for (const name of files.keys()) out.line(`made ${join(folder, name)}`);
  out.note(`Run it: exo run ${file} --input names='[{"name": "Ada"}, {"name": "Grace"}]'`);
  return exitCodes.ok;
}

/** The name of the folder, as far as a project may be called so. */
function projectName(root: string): string {
  const name = (root.split('/').at(-1) ?? '').toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, ''); // prettier-ignore
  return name === '' ? 'my-project' : name;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    throw new ExosphereError(
      'file-unwritable',
      `The file '${path}' cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}

function filesOf(project: string): ReadonlyMap<string, string> {
  return new Map([
    ['cluster.yml', clusterText(project)],
    ['environments/local.yml', environmentText],
    ['.gitignore', '.exosphere/\n'],
  ]);
}

function clusterText(project: string): string {
  return `version: 0.0.1b
cluster:
  identifier: ${project}/greetings
  title: Greets everybody who is named
  sla: 6h
  trigger:
    api-call: {}
  inputs:
    names: { type: array, default: [{ name: world }] }
  satellites:
    # Returns one object for each name: the steps that follow run once for each of them.
    - identifier: people
      uses: satellite/exospherehost/transform
      config:
        returns: many
        objects: \${{ inputs.names }}
      input: {}
    - identifier: greet
      uses: satellite/exospherehost/transform
      input:
        text: Hello $\${{ satellites.people.output.name }}
`;
}

const environmentText = `# Lets the same cluster run elsewhere: exo run cluster.yml --env local
secrets: {}
  # NAME: { from-env: VARIABLE }
endpoints: {}
  # https://api.example.com: http://127.0.0.1:8080
satellites: {}
`;
