import { expect, test } from 'vitest';
import { serverSettings, settingsAsArguments } from './server-settings.ts';

const gibibyte = 2 ** 30;

test('the product keeps what was committed; a test may give that up for speed', () => {
  const durability = ({ durable }: { durable: boolean }) => {
    const { fsync, synchronous_commit, full_page_writes } = serverSettings({ port: 1, memoryBytes: 8 * gibibyte, durable });
    return [fsync, synchronous_commit, full_page_writes];
  };
  expect(durability({ durable: true })).toEqual(['on', 'on', 'on']);
  expect(durability({ durable: false })).toEqual(['off', 'off', 'off']);
});

test.for([
  [2, '128MB'],
  [4, '256MB'],
  [64, '256MB'],
] as const)('a machine of %i GiB gives it %s of buffers', ([gibibytes, expected]) => {
  expect(serverSettings({ port: 1, memoryBytes: gibibytes * gibibyte, durable: true })['shared_buffers']).toBe(expected);
});

test('settings are handed over as arguments', () => {
  expect(settingsAsArguments({ port: '1', jit: 'off' })).toEqual(['-c', 'port=1', '-c', 'jit=off']);
});
