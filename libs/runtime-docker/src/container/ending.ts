import type { ContainerState } from '../engine/engine.ts';

/** How a container ended. */
export interface Ending {
  /**
   * `exit`: by itself; `memory`: it, or a process in it, was killed for its memory; `flood`: stopped for what it printed; `stopped`: by
   * us, for a reason that is not the fault of what else it worked on; `lost`: somebody or something else.
   */
  readonly kind: 'exit' | 'memory' | 'flood' | 'stopped' | 'lost';
  readonly exitCode: number | null;
  /** In one sentence. */
  readonly message: string;
  /** Not all that it printed could be read. */
  readonly outputWasCut?: true;
}

const signals: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
  152: 'SIGXCPU',
};

const killed = 137;

/** What the engine's word of an ended process means. A process may be out of memory and its container exit with 0 all the same. */
export function endingOf({ exitCode, isOutOfMemory, error }: ContainerState, memoryBytes: number): Ending {
  const mebibytes = Math.round(memoryBytes / 2 ** 20);
  if (isOutOfMemory) {
    return {
      kind: 'memory',
      exitCode,
      message: `The container used more than its memory of ${mebibytes} MiB (resources.memory in the manifest).`,
    };
  }
  const signal = signals[exitCode];
  const how = signal === undefined ? `with exit code ${exitCode}` : `with exit code ${exitCode} (${signal})`;
  // some engines do not see it, and hardly anything else kills a process so
  const hint =
    exitCode === killed ? ` It may have needed more than its memory of ${mebibytes} MiB (resources.memory in the manifest).` : '';
  return { kind: 'exit', exitCode, message: `The container ended ${how}${error === '' ? '' : `: ${error}`}.${hint}` };
}

export function stoppedEnding(message: string): Ending {
  return { kind: 'stopped', exitCode: null, message };
}

export function lostEnding(why: string): Ending {
  return { kind: 'lost', exitCode: null, message: `The container was lost: ${why}.` };
}

const codes = {
  exit: { code: 'container-failed' },
  memory: { code: 'out-of-memory' },
  flood: { code: 'output-flood' },
  stopped: { code: 'container-failed' },
  lost: { code: 'container-failed' },
} as const;

/** The error of a request whose container ended so. */
export function codeOf({ kind }: Ending): string {
  return codes[kind].code;
}
