import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';

/** A line of stdout: as it came, and as JSON where it is that. */
export interface Line {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The last line that answers a request. */
export interface Answer {
  readonly nonce: string;
  readonly objects?: readonly Readonly<Record<string, unknown>>[];
  readonly error?: { readonly message: string; readonly code?: string; readonly retryable?: boolean; readonly 'retry-after'?: number };
  readonly results?: readonly (Omit<Answer, 'nonce'> | null)[];
  readonly metrics?: Readonly<Record<string, unknown>>;
}

/** A satellite at the other end of the container protocol. */
export interface SatelliteProcess {
  readonly pid: number;
  /** Everything that it wrote to stdout so far. */
  readonly lines: readonly Line[];
  stderr(): string;
  send(line: object): void;
  /** Sends text as it is. */
  sendText(text: string): void;
  /** Waits for a line; one that came before counts. Fails when the satellite ends without it. */
  line(matches: (line: Line['json']) => boolean): Promise<Line>;
  /** Sends a request and waits for its end. What it emits is taken at once. */
  ask(request: { readonly nonce: string; readonly [key: string]: unknown }): Promise<Answer>;
  /** The log records of a request, and in a batch of one of its items. */
  logs(nonce: string): readonly Readonly<Record<string, unknown>>[];
  /** Ends its stdin. */
  end(): void;
  /** Its exit code, once stdout has ended, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(): Promise<void>;
}

/** A nonce of 32 hex digits. */
export function nonceOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

/** Starts a program that speaks the protocol on its stdin and stdout. */
export function startSatellite(command: readonly string[], env: Readonly<Record<string, string>> = {}): SatelliteProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  const events = new EventEmitter().setMaxListeners(0);
  const lines: Line[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // it ended: who waits for its lines is told
  onLine(child.stdout, (text) => {
    lines.push({ text, json: jsonOf(text) });
    events.emit('line');
  });
  let hasEnded = false;
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    hasEnded = true;
    events.emit('line');
    return code ?? signal ?? 0;
  }) as Promise<number | NodeJS.Signals>;
  const line = async (matches: (line: Line['json']) => boolean): Promise<Line> => {
    for (let seen = 0; ;) {
      for (; seen < lines.length; seen += 1) {
        const found = lines[seen];
        if (found !== undefined && matches(found.json)) return found;
      }
      if (hasEnded) throw new Error(`The satellite ended without the line that was waited for. On stderr it says:\n${stderr}`);
      await once(events, 'line');
    }
  };
  const sendText = (text: string): void => void child.stdin.write(text);
  const send = (message: object): void => sendText(`${JSON.stringify(message)}\n`);
  return {
    pid: child.pid ?? 0,
    lines,
    stderr: () => stderr,
    send,
    sendText,
    line,
    async ask(request) {
      send(request);
      const isOf = (entry: Line['json']): boolean => entry['nonce'] === request.nonce && !('log' in entry);
      for (let count = 1; ; count += 1) {
        let seen = 0;
        const { json } = await line((entry) => isOf(entry) && ++seen === count);
        if (!('emit' in json)) return json as unknown as Answer; // it says so itself, and the test looks at it
        send({ taken: request.nonce });
      }
    },
    logs: (nonce) => lines.flatMap(({ json }) => (json['nonce'] === nonce && 'log' in json ? [json] : [])),
    end: () => child.stdin.end(),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Lines end with \n alone; node:readline ends them also at U+2028, which JSON may hold as it is. */
function onLine(stream: Readable, take: (line: string) => void): void {
  let pieces: string[] = [];
  stream.setEncoding('utf8').on('data', (text: string) => {
    const [first = '', ...more] = text.split('\n');
    pieces.push(first);
    for (const next of more) {
      take(pieces.join(''));
      pieces = [next];
    }
  });
}

function jsonOf(text: string): Line['json'] {
  try {
    return JSON.parse(text) as Line['json']; // a line that is none is an empty object
  } catch {
    return {};
  }
}
