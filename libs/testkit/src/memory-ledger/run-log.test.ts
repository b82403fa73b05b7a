import { createMemoryLedger } from '../memory-ledger.ts';
import { runLogContract } from '../run-log.contract.ts';
import { createSimulatedClock } from '../simulated-clock.ts';

runLogContract('Memory', async () => {
  const clock = createSimulatedClock({ start: Date.now() });
  const ledger = createMemoryLedger({ clock });
  return {
    ledger,
    pass: (ms) => clock.pass(ms),
    addBlob: async (project, digest) => ledger.addBlob(project, digest),
    close: async () => undefined,
  };
});
