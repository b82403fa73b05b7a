import type { JsonObject } from '@exosphere/satellite';
import { defineSatellite } from '@exosphere/satellite';
import { compile } from './compile.ts';
import { returnedObjects } from './returned-objects.ts';
import { runCode } from './run-code.ts';

interface Config {
  readonly code: string;
  readonly returns?: 'one' | 'many';
  readonly params?: JsonObject;
}

export default defineSatellite<Config>({
  async run({ config, input, item }, { log, files, execution, idempotencyKey, attempt, signal }) {
    const context = { log, files, execution, idempotencyKey, attempt, signal };
    const returned = await runCode(compile(config.code), { input, item, params: config.params ?? {}, context });
    return returnedObjects(returned, config.returns ?? 'one');
  },
});
