/** The process of one contender: opens it, measures when it is told to, closes. Started by `contender-process.ts`. */
import type { OpenContender } from './measure/contender.ts';
import type { Answer, Order } from './measure/process-messages.ts';
import { findContender } from './workloads/index.ts';

let open: OpenContender | null = null;

function tell(answer: Answer): void {
  process.send?.(answer);
}

function opened(): OpenContender {
  if (open === null) throw new TypeError('the contender is not open');
  return open;
}

async function carryOut(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'open': {
      const openIn = await findContender(order.workload, order.contender).load();
      open = await openIn(order.place);
      return { kind: 'done' };
    }
    case 'measure':
      return { kind: 'measured', measures: await opened().measure() };
    case 'close':
      await opened().close();
      return { kind: 'done' };
  }
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (answer) => {
      tell(answer);
      if (order.kind === 'close') process.disconnect();
    },
    (error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

// whoever started this is gone
process.on('disconnect', () => process.exit());
