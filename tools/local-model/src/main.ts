import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { LocalModelFailure } from './local-model-failure.ts';
import { startLocalModel } from './start-local-model.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '39406' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port ${values.port} is no port: give a number from 0 (a free one) to 65535.`);
  process.exit(2);
}

try {
  const model = await startLocalModel({ port, onProgress: (message) => console.log(message) });
  console.log(`${model.model} answers at ${model.baseUrl}/v1, until Ctrl-C. In an environment: endpoints: { server: ${model.baseUrl} }`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await model.stop();
} catch (error) {
  if (!(error instanceof LocalModelFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
