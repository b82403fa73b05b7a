import type { Buffer } from 'node:buffer';
import type { FromSandbox, ToSandbox } from '../link/messages.ts';
import type { Cell, Tell } from './cell.ts';
import { openCell } from './cell.ts';
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

/**
 * What a sandbox process does with the worker's messages.
 *
 * @param fatal V8 lost an isolate: end the process
 */
export function createSandbox(tell: Tell, fatal: (message: string) => void): (message: ToSandbox, body: Buffer) => void {
  let guest = '';
  const satellites = new Map<string, WarmIsolates>();
  const cells = new Map<number, Promise<Opened>>();

  const open = async (cell: number, options: Extract<ToSandbox, { kind: 'open' }>['options']): Promise<Opened> => {
    const source = satellites.get(options.satellite);
    if (source === undefined) return { failure: `satellite ${options.satellite} was not sent` };
    try {
      const warm = await source.take();
      return { seat: { warm, source, cell: await openCell(cell, warm, options, tell) } };
    } catch (cause) {
      return { failure: cause instanceof Error ? cause.message : String(cause) };
    }
  };

  const withCell = async (cell: number, use: (seat: Seat) => void | Promise<void>): Promise<void> => {
    const opened = await cells.get(cell);
    if (opened === undefined) return;
    if ('seat' in opened) await use(opened.seat);
    else tell(lostAtStart(cell, opened.failure));
  };

  const dispose = (cell: number, seat: Seat): void => {
    cells.delete(cell);
    seat.cell.close();
    if (!seat.warm.isolate.isDisposed) seat.warm.isolate.dispose();
  };

  const expire = (cell: number, call: number): Promise<void> =>
    withCell(cell, async (seat) => {
      const heard = await Promise.race([
        seat.cell.expire(call).then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, hearingMs, false)),
      ]);
      if (!heard) return; // the worker ends this process
      dispose(cell, seat);
      tell({ kind: 'expired', call });
    });

  const close = (cell: number): Promise<void> =>
    withCell(cell, (seat) => {
      cells.delete(cell);
      seat.cell.close();
      seat.source.give(seat.warm);
    });

  return (message, body) => {
    switch (message.kind) {
      case 'guest':
        guest = body.toString('utf8');
        return;
      case 'satellite':
        satellites.set(message.satellite, warmIsolates({ guest, bundle: body.toString('utf8'), memoryMiB: message.memoryMiB, fatal }));
        return;
      case 'open':
        cells.set(message.cell, open(message.cell, message.options));
        return;
      case 'call':
        void withCell(message.cell, ({ cell }) => cell.call(message.call, body.toString('utf8')));
        return;
      case 'expire':
        void expire(message.cell, message.call);
        return;
      case 'close':
        void close(message.cell);
        return;
      case 'answer':
        void withCell(message.cell, ({ cell }) => cell.answer(message.op, message.answer, body));
    }
  };
}

function lostAtStart(cell: number, message: string): FromSandbox {
  return { kind: 'lost', cell, reason: /memory/i.test(message) ? 'memory' : 'crash', message };
}
