import { setImmediate as nextTurn } from 'node:timers/promises';
import { InternalError } from '@exosphere/model';
import type { RunEnd, SettleEnd, SettleOptions } from './simulated-clock.ts';
import type { Sleepers } from './sleepers.ts';

/** After so many turns of the event loop without a pause, or so many jumps without time passing, something runs in circles. */
const mostTurns = 100_000;
const mostStillJumps = 10_000;

/** Time that passes in jumps from sleeper to sleeper. */
export interface SteppedTime {
  readonly sleepers: Sleepers;
  /** Lets run what can run without time passing. */
  readonly idle: () => Promise<void>;
  /** Jumps to the next sleeper when nothing runs, if it wakes up by `end`, and lets run what it does. */
  readonly advance: (end: number) => Promise<boolean>;
}

export function steppedTime(sleepers: Sleepers, idleTurns: number): SteppedTime {
  let still = 0;
  const idle = (): Promise<void> => untilIdle(sleepers, idleTurns);
  const advance = async (end: number): Promise<boolean> => {
    await idle();
    const { next, time } = sleepers;
    if (next === null || next > end) return false;
    still = next > time ? 0 : still + 1;
    if (still > mostStillJumps) throw new InternalError('somebody sleeps for 0 ms again and again: time does not pass');
    sleepers.jump(next);
    await idle();
    return true;
  };
  return { sleepers, idle, advance };
}

async function untilIdle(sleepers: Sleepers, idleTurns: number): Promise<void> {
  let quiet = 0;
  for (let turn = 0; quiet < idleTurns; turn += 1) {
    if (turn > mostTurns) throw new InternalError('the process is never idle: somebody asks the clock in every turn');
    const before = sleepers.asked;
    await nextTurn();
    quiet = sleepers.asked === before ? quiet + 1 : 0;
  }
}

export async function pass({ sleepers, advance }: SteppedTime, ms: number): Promise<void> {
  const end = sleepers.time + ms;
  while (await advance(end));
  sleepers.jump(end);
}

/** Lets time pass until the work is over, and answers as it does. */
export async function drive<T>(time: SteppedTime, work: () => Promise<T>, mostMs: number): Promise<T> {
  const working = work();
  const came = await driveUntil(time, working, time.sleepers.time + mostMs);
  if (came === 'asleep') throw new InternalError('nobody sleeps, and the work has not ended: it waits for what never comes');
  if (came === 'late') throw new InternalError(`the work has not ended after ${mostMs} ms of simulated time`);
  return working;
}

async function driveUntil(time: SteppedTime, work: Promise<unknown>, end: number): Promise<'over' | 'asleep' | 'late'> {
  let came: 'over' | null = null;
  const over = (): void => {
    came = 'over';
  };
  work.then(over, over);
  const isOver = (): boolean => came === 'over';
  await time.idle();
  while (!isOver()) if (!(await time.advance(end)) && !isOver()) return standstill(time, end);
  return 'over';
}

/** Why there was no sleeper to jump to until then. */
function standstill({ sleepers }: SteppedTime, end: number): 'asleep' | 'late' {
  if (sleepers.next === null) return 'asleep';
  sleepers.jump(end);
  return 'late';
}

export async function runUntil(time: SteppedTime, condition: () => boolean | Promise<boolean>, mostMs: number): Promise<RunEnd> {
  const end = time.sleepers.time + mostMs;
  await time.idle();
  for (;;) {
    const answer = condition();
    const came = typeof answer === 'boolean' ? 'over' : await driveUntil(time, answer, end);
    if (came !== 'over') return came;
    if (await answer) return 'held';
    if (!(await time.advance(end))) return standstill(time, end);
  }
}

export async function settle(
  { sleepers, idle, advance }: SteppedTime,
  { changes, quietMs, mostMs }: Required<SettleOptions>,
): Promise<SettleEnd> {
  await idle();
  const end = sleepers.time + mostMs;
  let seen = changes();
  let quietAt = sleepers.time + quietMs;
  while (await advance(Math.min(quietAt, end))) {
    if (changes() === seen) continue;
    seen = changes();
    quietAt = sleepers.time + quietMs;
  }
  sleepers.jump(Math.min(quietAt, end));
  return quietAt <= end ? 'quiet' : 'restless';
}
