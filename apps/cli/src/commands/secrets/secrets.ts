import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { ExosphereError } from '@exosphere/model';
import type { SecretPlace } from '@exosphere/vault';
import { openFileVault } from '@exosphere/vault';
import type { Call } from '../../command/command.ts';
import { UsageError } from '../../command/usage-error.ts';
import { readText } from '../../compose/read-text.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';

/** Values shorter than this are masked in logs as whole words only. */
const shortest = 8;

/** `exo secrets set` */
export async function setSecretCommand(call: Call): Promise<ExitCode> {
  const { config, out } = call;
  const place = placeOf(call, 'set');
  const value = await valueOf(call);
  await openFileVault({ folder: config.stateFolder }).set(place, value);
  if (value.length < shortest) {
    out.note(
      `${out.paint('yellow', 'warning')} The value has ${value.length} characters: less than ${shortest} are masked in logs as whole words only, and not in outputs.`,
    );
  }
  if (out.isJson) out.json(place);
  else out.line(`Set ${place.name} for ${place.cluster ?? place.project}`);
  return exitCodes.ok;
}

/** `exo secrets ls` */
export async function listSecretsCommand({ config, out }: Call): Promise<ExitCode> {
  const notes = await openFileVault({ folder: config.stateFolder }).list();
  if (out.isJson) out.json({ secrets: notes });
  else if (notes.length === 0) out.line('There is no secret in the vault of this folder.');
  for (const { name, project, cluster, version, updatedAt } of out.isJson ? [] : notes) {
    out.line(`${name.padEnd(32)} ${(cluster ?? project).padEnd(32)} version ${version}, ${updatedAt}`);
  }
  return exitCodes.ok;
}

/** `exo secrets rm` */
export async function removeSecretCommand(call: Call): Promise<ExitCode> {
  const { config, out } = call;
  const place = placeOf(call, 'rm');
  const removed = await openFileVault({ folder: config.stateFolder }).remove(place);
  if (!removed)
    throw new ExosphereError(
      'secret-unknown',
      `There is no secret '${place.name}' for ${place.cluster ?? place.project}. Look: exo secrets ls`,
    );
  if (out.isJson) out.json(place);
  else out.line(`Removed ${place.name} of ${place.cluster ?? place.project}`);
  return exitCodes.ok;
}

function placeOf({ operands: [name = ''], options }: Call, command: string): SecretPlace {
  const help = `exo secrets ${command} --help`;
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name))
    throw new UsageError(`'${name}' is no name of a secret: letters, digits, _ and -, not beginning with a digit.`, help);
  const of = options.text('of');
  if (of === null) throw new UsageError(`Whose secret is it? Give --of PROJECT, or --of PROJECT/CLUSTER.`, help);
  const [project = '', cluster, ...more] = of.replace(/^cluster\//, '').split('/');
  if (project === '' || cluster === '' || more.length > 0) throw new UsageError(`'${of}' is neither PROJECT nor PROJECT/CLUSTER.`, help);
  return { project, cluster: cluster === undefined ? null : `${project}/${cluster}`, name };
}

/** Never from the command line, where other users and the history see it. */
async function valueOf({ operands: [name = ''], options }: Call): Promise<string> {
  const file = options.text('file');
  if (file !== null) return withoutLineBreak(await readText(file));
  if (!process.stdin.isTTY) return withoutLineBreak(await textOf(process.stdin));
  return askHidden(`Value of ${name}: `);
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}

async function askHidden(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once('SIGINT', () => reject(new DOMException('Interrupted', 'AbortError')));
      lines.once('close', () => reject(new DOMException('Interrupted', 'AbortError')));
      lines.question('', resolve);
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
