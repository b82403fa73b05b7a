import type { Buffer } from 'node:buffer';
import type { CellOptions, ToSandbox } from '../link/messages.ts';
import type { Tell } from './cell.ts';
import { Cell } from './cell.ts';
import type { WarmIsolate, WarmIsolates } from './warm-isolates.ts';
import { warmIsolates } from './warm-isolates.ts';

interface Seat {
  readonly warm: WarmIsolate;
  readonly source: WarmIsolates;
  readonly cell: Cell;
}

type Opened = { readonly seat: Seat } | { readonly failure: string };

/** How long a guest that is told that time is up may take to hear it. The worker waits a little longer, then kills the process. */
const hearingMs = 100;

/** What a sandbox process does with the worker's messages. */
export class Sandbox {
  readonly #tell: Tell;
  readonly #fatal: (message: string) => void;
  readonly #satellites = new Map<string, WarmIsolates>();
  readonly #cells = new Map<number, Promise<Opened>>();
  #guest = '';

  /** @param fatal V8 lost an isolate: end the process */
  constructor(tell: Tell, fatal: (message: string) => void) {
    this.#tell = tell;
    this.#fatal = fatal;
  }

  take(message: ToSandbox, body: Buffer): void {
    switch (message.kind) {
      case 'guest':
        this.#guest = body.toString('utf8');
        return;
      case 'satellite':
        this.#load(message.satellite, message.memoryMiB, body.toString('utf8'));
        return;
      case 'open':
        this.#cells.set(message.cell, this.#open(message.cell, message.options));
        return;
      case 'call':
        void this.#withCell(message.cell, ({ cell }) => cell.call(message.call, body.toString('utf8')));
        return;
      case 'expire':
        void this.#expire(message.cell, message.call);
        return;
      case 'close':
        void this.#close(message.cell);
        return;
      case 'answer':
        void this.#withCell(message.cell, ({ cell }) => cell.answer(message.op, message.answer, body));
    }
  }

  #load(satellite: string, memoryMiB: number, bundle: string): void {
    this.#satellites.set(satellite, warmIsolates({ guest: this.#guest, bundle, memoryMiB, fatal: this.#fatal }));
  }

  async #open(number: number, options: CellOptions): Promise<Opened> {
    const source = this.#satellites.get(options.satellite);
    if (source === undefined) return { failure: `satellite ${options.satellite} was not sent` };
    try {
      const warm = await source.take();
      const cell = new Cell(number, options, this.#tell);
      await cell.open(warm, options);
      return { seat: { warm, source, cell } };
    } catch (cause) {
      return { failure: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  async #withCell(cell: number, use: (seat: Seat) => void | Promise<void>): Promise<void> {
    const opened = await this.#cells.get(cell);
    if (opened === undefined) return;
    if ('seat' in opened) await use(opened.seat);
    else this.#tell({ kind: 'lost', cell, reason: /memory/i.test(opened.failure) ? 'memory' : 'crash', message: opened.failure });
  }

  #expire(number: number, call: number): Promise<void> {
    return this.#withCell(number, async ({ cell, warm }) => {
      const deaf = Symbol('deaf');
      const heard = await Promise.race([cell.expire(call), new Promise((resolve) => setTimeout(resolve, hearingMs, deaf))]);
      if (heard === deaf) return; // the worker ends this process
      this.#cells.delete(number);
      cell.close();
      if (!warm.isolate.isDisposed) warm.isolate.dispose();
      this.#tell({ kind: 'expired', call });
    });
  }

  #close(number: number): Promise<void> {
    return this.#withCell(number, ({ cell, source, warm }) => {
      this.#cells.delete(number);
      cell.close();
      source.give(warm);
    });
  }
}
