import { styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Where a command writes. */
export interface Output {
  /** Standard output and error are both a terminal that people look at. */
  readonly isLive: boolean;
  /** `--json`: standard output gets one document and nothing else. */
  readonly isJson: boolean;
  readonly columns: number;
  readonly rows: number;
  /** A line for people: on standard output, or with `--json` on standard error. */
  line(text?: string): void;
  /** A line that is no result: progress, warnings. */
  note(text: string): void;
  /** The result, with `--json`. */
  json(value: unknown): void;
  /** The result as it is, without a change: a file that is piped on. */
  raw(text: string): void;
  /** To standard error as it is: a live display. */
  live(text: string): void;
  paint(colour: Colour, text: string): string;
}

/** What the output depends on. */
export interface OutputOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly isJson: boolean;
  readonly isColoured: boolean;
}

export function createOutput({ stdout, stderr, isJson, isColoured }: OutputOptions): Output {
  const people = isJson ? stderr : stdout;
  return {
    isLive: people.isTTY && stderr.isTTY,
    isJson,
    get columns() {
      return stderr.columns || 80; // 0 in some pseudo-terminals
    },
    get rows() {
      return stderr.rows || 24;
    },
    line: (text = '') => void people.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    raw: (text) => void stdout.write(text),
    live: (text) => void stderr.write(text),
    paint: (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text),
  };
}
