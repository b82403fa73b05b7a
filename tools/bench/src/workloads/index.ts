import type { Contender } from '../measure/contender.ts';
import type { Workload } from '../measure/workload.ts';
import { fanOutWorkload } from './fan-out.ts';
import { chainWorkload } from './chain.ts';
import { containersWorkload } from './containers.ts';
import { expressionWorkload } from './expression.ts';
import { fanInWorkload } from './fan-in.ts';
import { startUpWorkload } from './start-up.ts';

/** What can be measured, in the order of reports. */
export const workloads: readonly Workload[] = [
  fanOutWorkload,
  chainWorkload,
  containersWorkload,
  fanInWorkload,
  expressionWorkload,
  startUpWorkload,
];

export function findContender(workload: string, name: string): Contender {
  const found = workloads.find(({ id }) => id === workload)?.contenders.find((contender) => contender.name === name);
  if (found === undefined) throw new TypeError(`there is no contender '${name}' of '${workload}'`);
  return found;
}
