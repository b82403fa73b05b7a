import { stepAt } from '@exosphere/run-machine';
import { retryDelay } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import { engineRecord, nextAttempt } from './execution-records.ts';
import { attemptRow, failed } from './outcomes.ts';
import type { ShardWork } from './shard-work.ts';

/**
 * A shard whose worker was lost before. The death of a worker charges nobody; but from the second loss on the shard is halved, and a
 * shard of one item charges that item an attempt: so an item that kills its workers is found and failed (spec 3.9).
 */
export async function chargeLoss(desk: Desk, work: ShardWork): Promise<void> {
  if (work.shard.losses < 2) return;
  const half = work.half();
  if (half !== null) {
    const { id, epoch } = work.shard;
    if (!(await desk.ledger.split({ id, epoch, ...work.members() }, [half]))) work.lose();
    return;
  }
  const item = work.takeOnly();
  if (item === null) return;
  const step = stepAt(work.run.graph, item.step);
  const now = desk.clock.now();
  const error = { code: 'worker-lost', message: 'the worker was lost', retryable: true, retryAfterMs: null };
  item.attempts += 1;
  const row = attemptRow(work.run, item, error, now);
  const attempts = item.attempts - item.spent;
  const delay = retryDelay(step.plan.retries, { attempts, retryable: true, retryAfterMs: null }, desk.clock.random());
  const fields = { code: error.code, attempt: item.attempts };
  if (delay !== null) {
    work.log(engineRecord(work, item, { level: 'warn', message: nextAttempt(item.attempts, error.message, delay), fields }));
    return work.add({ kind: 'again', item, attempt: row, dueAt: now + delay });
  }
  work.log(engineRecord(work, item, { level: step.plan.continueOnError ? 'warn' : 'error', message: error.message, fields }));
  const failure = { attempt: row, error, streamed: 0, metrics: null, collected: null };
  const outcome = failed({ item, step, now }, item.branch, failure);
  work.add({ kind: 'ended', item, outcome, texts: outcome.objects.map((object) => JSON.stringify(object)) });
}
