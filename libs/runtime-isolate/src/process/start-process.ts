import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownModule } from '../own-module.ts';
import { readableFolders } from './readable-folders.ts';

/** How a sandbox process is started. */
export interface StartOptions {
  /** The Node binary: 24, for which isolated-vm is built. */
  readonly node: string;
  /** Overrides the arguments before the script: for tests of what happens without them. */
  readonly nodeArguments?: readonly string[];
}

const nodeArguments: readonly string[] = [
  '--no-node-snapshot', // isolated-vm crashes with Node's own snapshot
  '--disable-proto=delete',
  '--max-old-space-size=256', // of the process's own heap; isolates have limits of their own
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=SecurityWarning', // of --allow-addons: isolated-vm is one
  '--permission',
  '--allow-addons',
];

let known: readonly string[] | null = null;

function allArguments(): readonly string[] {
  known ??= [...nodeArguments, ...readableFolders().map((folder) => `--allow-fs-read=${folder}`)];
  return known;
}

const prlimit = '/usr/bin/prlimit';

/** No core dumps of other people's data, few files. Memory is watched from outside: V8 reserves more than any address limit. */
function limited(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  return existsSync(prlimit) ? [prlimit, ['--core=0', '--nofile=1024', '--', command, ...args]] : [command, args];
}

/** When memory is short, the system should end this one first. */
function preferToEnd(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // Not Linux, or it has ended already: the process works without.
  }
}

/** Starts the process: no environment, no standard input or output, a pipe at file descriptor 3. */
export function startProcess(options: StartOptions, main = fileURLToPath(ownModule('./sandbox/sandbox-main'))): ChildProcess {
  const [command, args] = limited(options.node, [...(options.nodeArguments ?? allArguments()), main]);
  // a session of its own: Ctrl-C is for the worker, which lets running calls end; when the pipe closes, the process ends by itself
  const child = spawn(command, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  if (child.pid !== undefined) preferToEnd(child.pid);
  return child;
}
