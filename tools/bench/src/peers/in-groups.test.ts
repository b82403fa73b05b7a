import { expect, it } from 'vitest';
import { inGroups } from './in-groups.ts';

it('sends what is handed over in one turn together, and tells each when its own was sent', async () => {
  const groups: (readonly number[])[] = [];
  const add = inGroups<number>(async (group) => void groups.push(group));
  await Promise.all([add(1), add(2), add(3)]);
  expect(groups).toEqual([[1, 2, 3]]);
  await add(4);
  expect(groups).toEqual([[1, 2, 3], [4]]);
});
