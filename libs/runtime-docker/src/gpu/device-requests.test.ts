import { describe, expect, it } from 'vitest';
import type { GpuNeeds } from '@exosphere/satellite-protocol';
import { deviceRequests } from './device-requests.ts';

const needs: GpuNeeds = {
  count: 2,
  driver: 'nvidia',
  capabilities: ['gpu', 'compute'],
  minMemoryBytes: null,
  deviceIds: null,
  options: {},
};
const request = { Driver: 'nvidia', Capabilities: [['gpu', 'compute']], Options: {} };

describe('what the engine is asked for', () => {
  it.each([
    ['the cards that were placed', needs, ['GPU-1', 'GPU-2'], { ...request, Count: 0, DeviceIDs: ['GPU-1', 'GPU-2'] }],
    [
      'the cards that were placed, also where all were wanted',
      { ...needs, count: 'all' as const },
      ['GPU-1'],
      { ...request, Count: 0, DeviceIDs: ['GPU-1'] },
    ],
    ['a number of cards where none were placed', needs, null, { ...request, Count: 2, DeviceIDs: [] }],
    ['all cards where none were placed', { ...needs, count: 'all' as const }, null, { ...request, Count: -1, DeviceIDs: [] }],
    [
      'the ids of the manifest where none were placed',
      { ...needs, deviceIds: ['0', '1'] },
      null,
      { ...request, Count: 0, DeviceIDs: ['0', '1'] },
    ],
    [
      'options of the driver',
      { ...needs, options: { mode: 'shared' } },
      null,
      { ...request, Count: 2, DeviceIDs: [], Options: { mode: 'shared' } },
    ],
  ])('is %s', (_, asked, ids, expected) => {
    expect(deviceRequests(asked, ids)).toEqual([expected]);
  });
});
