import { startDemoParties } from './demo-parties.ts';
import { examplePorts } from './example-ports.ts';

/** `npm run parties`: the outside world of the examples, on the ports that their environment files name, until Ctrl-C. */
const parties = await startDemoParties({ ports: examplePorts });
for (const [name, url] of Object.entries(parties.urls)) console.log(`${name.padEnd(10)} ${url}`);
console.log('The model is a stand-in: it copies figures from the prompt. Stop with Ctrl-C.');
const stop = async (): Promise<void> => {
  const { reports, incidents, logs } = await parties.received();
  console.log(`\n${reports.length} reports, ${incidents.length} incidents, ${logs.length} logs received`);
  await parties.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
