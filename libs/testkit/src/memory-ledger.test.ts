import { ledgerContract } from './ledger.contract.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createSimulatedClock } from './simulated-clock.ts';

ledgerContract('Memory', async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  return {
    ledger,
    pass: (ms) => clock.pass(ms),
    addBlob: async (project, digest) => ledger.addBlob(project, digest),
    close: async () => undefined,
  };
});
