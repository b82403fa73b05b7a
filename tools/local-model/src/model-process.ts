import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { InstalledModel } from './install-model.ts';
import { LocalModelFailure } from './local-model-failure.ts';

const script = join(import.meta.dirname, 'serve.py');
const stopMs = 5_000;
const tailCharacters = 2_000;

/** What the server is started with, as `serve.py` reads it. */
export interface ServeOptions {
  readonly port: number;
  readonly model: string;
  /** Answers that are written at a time. */
  readonly parallel: number;
  /** Tokens of one prompt and its answer. */
  readonly context: number;
  readonly threads: number;
  readonly seed: number;
}

/** The process of a model server. It ends with this one, however this one ends: its standard input is a pipe from here. */
export class ModelProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';
  #tail = '';

  constructor({ python, folder }: InstalledModel, options: ServeOptions) {
    // Threads that wait for each other by spinning take the cores from who they wait for: on a busy machine that is ten times slower.
    const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', OMP_WAIT_POLICY: 'passive' };
    this.#child = spawn(python, [script, JSON.stringify(options)], { env, stdio: 'pipe' });
    this.#ended = Promise.race([once(this.#child, 'close'), once(this.#child, 'error')]).catch(() => undefined);
    this.#child.stdin?.on('error', () => undefined); // it is gone already
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#tail = `${this.#tail}${text}`.slice(-tailCharacters)));
  }

  /** `http://127.0.0.1:port`, once the model is loaded. */
  async address(signal: AbortSignal): Promise<string> {
    for (;;) {
      const found = /\{"address": "([^"]+)"\}/.exec(this.#output)?.[1];
      if (found !== undefined) return found;
      const more = this.#child.stdout === null ? this.#ended : once(this.#child.stdout, 'data', { signal });
      if ((await Promise.race([more, this.#ended.then(() => 'ended' as const)])) === 'ended') {
        throw new LocalModelFailure(`The local model did not start. It printed: ${this.#tail.trim()}`);
      }
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await this.#ended;
    clearTimeout(timer);
  }
}
