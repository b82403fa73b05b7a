import type { PartyName } from './demo-parties.ts';

/** The ports that the examples' environment files name. */
export const examplePorts: Readonly<Record<PartyName, number>> = {
  s3: 39401,
  webhook: 39402,
  newRelic: 39403,
  pagerDuty: 39404,
  model: 39405,
};
