import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTestDatabase } from '@exosphere/testkit';

/** What a use of `exo` gave. */
export interface ExoResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `exo` while it runs. */
export interface RunningExo {
  readonly process: ChildProcess;
  /** Settles when standard error has the text. */
  said(text: string): Promise<void>;
  readonly ended: Promise<ExoResult>;
}

export interface ExoOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Another Node than the one of this test. */
  readonly node?: string;
  /** Leads a process group of its own, as what a terminal starts. */
  readonly leads?: boolean;
}

/** A folder with files, and a database of its own, in which the real command is used. */
export interface TestProject {
  readonly folder: string;
  readonly databaseUrl: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  exo(args: readonly string[], options?: ExoOptions): Promise<ExoResult>;
  start(args: readonly string[], options?: ExoOptions): RunningExo;
  /** The JSON document that a use with `--json` gives. */
  json(args: readonly string[], options?: ExoOptions): Promise<{ readonly code: number; readonly value: any; readonly stderr: string }>;
  remove(): Promise<void>;
}

const binary = join(import.meta.dirname, '../../bin/exo.js');
/** Builds of satellites are the same for all projects of a test run. */
const cacheFolder = join(tmpdir(), `exosphere-test-cache-${process.ppid}`);

export async function createTestProject(files: Readonly<Record<string, string>> = {}): Promise<TestProject> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-cli-'));
  const database = await createTestDatabase();
  const start = (args: readonly string[], options: ExoOptions = {}): RunningExo =>
    startExo(args, { folder, databaseUrl: database.url, ...options });
  const write = async (texts: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  await write({ '.exosphere/.keep': '', ...files });
  return {
    folder,
    databaseUrl: database.url,
    write,
    start,
    exo: (args, options) => start(args, options).ended,
    json: async (args, options) => {
      const { code, stdout, stderr } = await start([...args, '--json'], options).ended;
      return { code, value: parse(stdout, stderr), stderr };
    },
    remove: async () => {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

function parse(stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`exo gave no JSON:\n${stdout}\n${stderr}`, { cause });
  }
}

function startExo(args: readonly string[], options: ExoOptions & { readonly folder: string; readonly databaseUrl: string }): RunningExo {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: options.folder,
    XDG_CACHE_HOME: cacheFolder,
    DATABASE_URL: options.databaseUrl,
    ...options.env,
  };
  const child = spawn(options.node ?? process.execPath, [binary, ...args], { cwd: options.folder, env, detached: options.leads === true });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString('utf8')));
  child.stdin.on('error', () => undefined); // a command that reads nothing may end before
  child.stdin.end(options.input ?? '');
  const ended = once(child, 'close').then(([code]): ExoResult => ({ code: code === null ? -1 : Number(code), ...texts }));
  const said = async (text: string): Promise<void> => {
    while (!texts.stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`exo ended without saying '${text}':\n${texts.stdout}${texts.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { process: child, said, ended };
}

/** A cluster of these steps. */
export function clusterText(steps: string, more = ''): string {
  const indented = (text: string, by: string): string => text.trim().replaceAll(/^/gm, by);
  return `version: 0.0.1b
cluster:
  identifier: test/cluster
  sla: 6h
  trigger: { api-call: {} }
${more === '' ? '' : `${indented(more, '  ')}\n`}  satellites:
${indented(steps, '    ')}
`;
}
