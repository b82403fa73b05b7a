import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  it('are given out in order, and each once', async () => {
    const slots = new Slots(1);
    const order: string[] = [];
    const first = await slots.take(never);
    const second = slots.take(never).then((release) => {
      order.push('second');
      return release;
    });
    const third = slots.take(never).then(() => order.push('third'));
    first();
    first();
    const release = await second;
    expect(order).toEqual(['second']);
    release();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('are not waited for by who gave up', async () => {
    const slots = new Slots(1);
    const first = await slots.take(never);
    const stop = new AbortController();
    const given = slots.take(stop.signal);
    stop.abort();
    await expect(given).rejects.toThrow();
    const next = slots.take(never);
    first();
    await next;
  });
});
