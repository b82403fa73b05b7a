import { describe, expect, it } from 'vitest';
import { EmittedLists } from './emitted-lists.ts';

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

describe('emitted lists', () => {
  it('of one request are taken one behind the other, of two side by side', async () => {
    const lists = new EmittedLists();
    const order: string[] = [];
    const take = (name: string) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await soon();
      order.push(`${name} ends`);
    };
    await Promise.all([lists.add(0, take('a')), lists.add(0, take('b')), lists.add(1, take('c'))]);
    expect(order.indexOf('b begins')).toBeGreaterThan(order.indexOf('a ends'));
    expect(order.indexOf('c begins')).toBeLessThan(order.indexOf('a ends'));
  });

  it('give the reason of a failure to who emitted, and go on', async () => {
    const lists = new EmittedLists();
    await expect(lists.add(0, () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    await lists.add(0, async () => {});
    await lists.taken(0);
    expect(lists.taken(1)).toBeNull();
  });
});
