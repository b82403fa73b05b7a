import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LineSplitter } from '../line-splitter.ts';

/** One answer, as it was written. */
export type Answer = Readonly<Record<string, any>>; // any: a test looks into it

export interface ContainerProcess {
  readonly process: ChildProcess;
  /** Every line of standard output so far. */
  readonly lines: string[];
  stderr(): string;
  send(...lines: readonly (object | string | Buffer)[]): void;
  /** The first answer that has these keys with these values, waiting for it. */
  answer(keys: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** All answers so far with this nonce. */
  answersTo(nonce: string): readonly Answer[];
  exited(): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface StartOptions {
  readonly entry?: string;
  /** Sent at once. Null: nothing is. */
  readonly hello?: object | null;
  /** What stands between the test and the process: sockets, as Node makes them, or pipes, as a container engine does. */
  readonly streams?: 'sockets' | 'pipes';
}

const started: ChildProcess[] = [];
/** Standard input, output and error of the process are pipes; what is around them is as it was. */
const throughPipes = '{ { cat | "$0" "$1" 2>&3 | cat >&4; } 3>&1 | cat >&2; } 4>&1';

/** `00…07`: the nonce of a test's request. */
export function nonce(number: number): string {
  return number.toString(16).padStart(32, '0');
}

/** A request with everything that a worker sends. */
export function request(number: number, behaviour: string, input: unknown = null, more: object = {}): object {
  return {
    nonce: nonce(number),
    execution: `run/step/${number}`,
    'idempotency-key': `run/step/${number}`,
    attempt: 1,
    deadline: '2030-01-01T00:00:00.000Z',
    'timeout-ms': 30_000,
    resume: null,
    config: { do: behaviour },
    item: input,
    secrets: {},
    'files-token': 'token',
    ...more,
  };
}

export const hello = { exosphere: 1, concurrency: 8, files: '/nowhere.sock', egress: null, endpoints: {} };

/** Starts a real process that serves the fixture. */
export function startContainer(options: StartOptions = {}): ContainerProcess {
  const entry = join(import.meta.dirname, options.entry ?? 'serve-fixture.ts');
  const child =
    options.streams === 'pipes'
      ? spawn('sh', ['-c', throughPipes, process.execPath, entry], { stdio: 'pipe' })
      : spawn(process.execPath, [entry], { stdio: 'pipe' });
  started.push(child);
  const lines: string[] = [];
  const answers: Answer[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined); // the process may be gone first: its exit tells
  const onLine: (() => void)[] = [];
  const splitter = new LineSplitter((line) => {
    lines.push(line);
    if (line.startsWith('{')) answers.push(JSON.parse(line) as Answer); // all else is noise
    for (const look of onLine) look();
  });
  child.stdout.on('data', (chunk: Buffer) => splitter.push(chunk));
  const exit = once(child, 'close') as Promise<[number | null, string | null]>;
  const container: ContainerProcess = {
    process: child,
    lines,
    stderr: () => stderr,
    send(...sent) {
      const parts = sent.map((line) =>
        Buffer.isBuffer(line) || typeof line === 'string' ? Buffer.from(line) : Buffer.from(`${JSON.stringify(line)}\n`),
      );
      child.stdin.write(Buffer.concat(parts));
    },
    answer(keys) {
      const find = (): Answer | undefined =>
        answers.find((answer) => Object.entries(keys).every(([key, value]) => fits(answer[key], value)));
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = find();
          if (found !== undefined) resolve(found);
        };
        onLine.push(look);
        void exit.then(([code]) => reject(new RangeError(`it ended with ${code} first: ${stderr}`)));
        look();
      });
    },
    answersTo: (wanted) => answers.filter((answer) => answer['nonce'] === wanted),
    exited: async () => {
      const [code, signal] = await exit;
      return { code, signal };
    },
  };
  if (options.hello !== null) container.send(options.hello ?? hello);
  return container;
}

/** `undefined` stands for a key that may have any value. */
function fits(found: unknown, wanted: unknown): boolean {
  return wanted === undefined ? found !== undefined : JSON.stringify(found) === JSON.stringify(wanted);
}

/** Ends what a test started and left running. */
export function endContainers(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}
