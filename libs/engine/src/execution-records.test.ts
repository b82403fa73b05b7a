import { createMemoryLedger, createSimulatedClock } from '@exosphere/testkit';
import { openSlaRig } from '@exosphere/testkit/worked';
import { expect, it } from 'vitest';

it.each([1, 500, 1_000])(
  'the log has a record of each failure, where %i fail at once, before that of the end of the run',
  async (count) => {
    const clock = createSimulatedClock();
    const ledger = createMemoryLedger({ clock });
    const items = Array.from({ length: count }, (_, n) => ({ n, fail: true }));
    const satellites = [
      { identifier: 'src', uses: 'test/list', config: { items } },
      { identifier: 'work', uses: 'test/echo' },
    ];
    const rig = await openSlaRig({ ledger, clock }, { sla: '1h', satellites });
    await clock.runUntil(async () => (await ledger.readRun(rig.run))?.endedAt !== null, { mostMs: 60_000 });
    await clock.drive(rig.stop);
    const { chunks } = await ledger.readLogChunks(rig.run, null, 10_000);
    const records = chunks.flatMap((chunk) => chunk.records);
    expect(records.filter((record) => record.step === 'work').map((record) => record.message)).toEqual(items.map(() => 'told to fail'));
    expect(records.at(-1)).toMatchObject({ level: 'error', message: expect.stringMatching(/^the run ended: failed/) });
  },
);
