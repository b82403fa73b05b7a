import { parseArgs } from 'node:util';
import { workloads } from './workloads/index.ts';

export interface Options {
  /** Ids; in the order of reports. */
  readonly workloads: readonly string[];
  /** Names; null: all. */
  readonly contenders: readonly string[] | null;
  /** Measurements of each contender that count. */
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly withPeers: boolean;
  /** The last line is one JSON object. */
  readonly asJson: boolean;
  /** Writes the report into `docs/`. */
  readonly writes: boolean;
}

export const usage = `npm run bench -- [options]

  --workload W1,W2   only these: ${workloads.map(({ id, title }) => `${id} (${title})`).join(', ')}
  --contender A,B    only these: engine, graphile-worker, …
  --repeats N        measurements of each contender that count; default 5
  --quick            3 measurements
  --no-peers         Exosphere alone
  --json             the last line is one JSON object: {"results": [{"name", "per_second", …}]}
  --write            writes docs/performance.md and docs/performance.json
`;

/** @throws TypeError for what is no option or no value of one, with one sentence */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string' },
      contender: { type: 'string' },
      repeats: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'no-peers': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    workloads: readWorkloads(values.workload),
    contenders: values.contender === undefined ? null : readContenders(values.contender),
    rounds: readRounds(values.repeats, values.quick),
    isQuick: values.quick,
    withPeers: !values['no-peers'],
    asJson: values.json,
    writes: values.write,
  };
}

function readWorkloads(text: string | undefined): readonly string[] {
  const known = workloads.map(({ id }) => id);
  if (text === undefined) return known;
  const wanted = text.split(',').map((id) => id.trim().toUpperCase());
  const unknown = wanted.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new TypeError(`There is no workload '${unknown.join("', '")}'. There are: ${known.join(', ')}.`);
  return known.filter((id) => wanted.includes(id));
}

function readContenders(text: string): readonly string[] {
  const known = [...new Set(workloads.flatMap(({ contenders }) => contenders.map(({ name }) => name)))];
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TypeError(`There is no contender '${unknown.join("', '")}'. There are: ${known.join('; ')}.`);
  return wanted;
}

function readRounds(text: string | undefined, isQuick: boolean): number {
  if (text === undefined) return isQuick ? 3 : 5;
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--repeats wants a whole number from 1, and found '${text}'.`);
  return rounds;
}
