import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DemoEnvironment } from '../demo-environment.ts';
import type { DemoOptions } from './demo-options.ts';

const modelSatellite = 'satellite/exospherehost/deepseek-r1-distrill-llama-70b';
/** What the stand-in for the model is reached by. */
const standInFor = 'https://api.openai.com';
const keyVariable = 'EXO_DEMO_LLM_KEY';

/** Writes the environment of this demo, whose parties listen on ports that were free just now. Answers with its path. */
export async function writeEnvironment(
  folder: string,
  environment: DemoEnvironment,
  { model, inContainers }: Pick<DemoOptions, 'model' | 'inContainers'>,
): Promise<string> {
  const written = inContainers ? withContainers(environment, model) : model === null ? environment : withModel(environment, model);
  const path = join(folder, '.exosphere', 'demo', 'environment.yml');
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, stringify(written, { lineWidth: 0 }), { mode: 0o600 });
  return path;
}

/** Nothing is substituted; the server of the model is elsewhere, so that no graphics card is asked for. */
function withContainers({ secrets, endpoints }: DemoEnvironment, model: DemoOptions['model']): object {
  const { [standInFor]: standIn, ...others } = endpoints;
  return { secrets, endpoints: { ...others, server: model === null ? standIn : model.url.replace(/\/v1\/?$/, '') } };
}

/** The same with a real model: its address is named, so that it may be reached on loopback as well. */
function withModel({ secrets, endpoints, satellites }: DemoEnvironment, { url, name }: NonNullable<DemoOptions['model']>): object {
  const hasKey = (process.env[keyVariable] ?? '') !== '';
  const others = Object.fromEntries(Object.entries(endpoints).filter(([from]) => from !== standInFor));
  const config = {
    model: name,
    'base-url': url,
    ...(hasKey ? { secrets: { API_KEY: '${{ secrets.LLM_API_KEY }}' } } : {}),
  };
  return {
    secrets: { ...secrets, ...(hasKey ? { LLM_API_KEY: { 'from-env': keyVariable } } : {}) },
    endpoints: { ...others, [new URL(url).origin]: new URL(url).origin },
    satellites: { ...satellites, [modelSatellite]: { ...satellites[modelSatellite], config } },
  };
}
