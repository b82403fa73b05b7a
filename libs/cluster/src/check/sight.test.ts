import { expect, test } from 'vitest';
import { readCluster } from '../plan/read-cluster.ts';
import { catalog } from '../testing/catalog.ts';

/** What the last step reads of the step X: `one`, `whole` or `list`, or the code of the diagnostic. */
function seen(steps: string, template: string): readonly string[] {
  const text = `version: 0.0.1b\ncluster:\n  identifier: test/sight\n  sla: 6h\n  trigger: api-call\n  satellites:\n${steps}\n      input: { x: "${template}" }\n`;
  const { plan, diagnostics } = readCluster(text, { file: null, catalog });
  const codes = diagnostics
    .filter(({ code }) => code !== 'redundant-need')
    .map(({ code, found }) => `${code} ${typeof found === 'string' ? found : ''}`);
  const reads = plan?.steps.at(-1)?.reads.map(({ step, as, attributes }) => `${step} ${as} ${attributes.join(',')}`) ?? [];
  return [...codes, ...reads];
}

const collected = `
    - { identifier: src, uses: test/list }
    - { identifier: once, uses: test/echo }
    - { identifier: pages, uses: test/list }
    - { identifier: work, uses: test/echo }
    - { identifier: total, uses: test/sum, collect: src }
    - { identifier: last, uses: test/echo }`;

const last = (steps: string): string =>
  steps.replace(/- \{ identifier: last, uses: test\/echo \}$/, '- identifier: last\n      uses: test/echo');

test.for<[string, string, readonly string[]]>([
  ['the scope of a collect, as one', '$${{ satellites.src.output.n }}', ['src one output']],
  ['the scope of a collect, as a whole', '${{ satellites.src.output }}', ['whole-list src', 'src whole output']],
  ['a step that ran once and was collected', '${{ satellites.once.output.*.n }}', ['once list output']],
  ['a step that ran once and was collected, as one', '$${{ satellites.once.output.n }}', ['not-one-object once']],
  ['a step that fans out and was collected', '${{ satellites.pages.output }}', ['pages list output']],
  ['the collect itself', '$${{ satellites.total.output.sum }}', ['total one output']],
  ['the error of a list', '${{ satellites.work.output.error }}', ['work list error']],
  ['the error of one', '${{ satellites.total.output.error }}', ['total whole error,output']],
  ['all of a step', '${{ toJSON(satellites.total) }}', ['total whole ended-at,error,metrics,output,parents,retries,started-at,status']],
  ['any case', '${{ SATELLITES.Total.OutPut.Sum }}', ['total whole output']],
])('below a collect: %s', ([, template, expected]) => {
  expect(seen(last(collected), template)).toEqual(expected);
});

const joined = `
    - { identifier: src, uses: test/list }
    - { identifier: a, uses: test/echo, needs: [src] }
    - { identifier: b, uses: test/list, needs: [src] }
    - { identifier: c, uses: test/echo, needs: [b] }
    - { identifier: all, uses: test/echo, needs: [c], collect: src }
    - { identifier: join, uses: test/echo, needs: [a, c] }
    - { identifier: both, uses: test/echo, needs: [join, all] }
    - { identifier: last, uses: test/echo }`;

test.for<[string, string, readonly string[]]>([
  ['a side that ran once', '$${{ satellites.a.output.n }}', ['a one output']],
  ['a side that fanned out once', '${{ satellites.b.output }}', ['b whole output']],
  ['its status', '$${{ satellites.b.status }}', ['b one status']],
  ['its objects as one', '$${{ satellites.b.output.n }}', ['not-one-object b']],
  ['what ran many times', '${{ satellites.c.output }}', ['c list output']],
  ['what was collected on one side and joined on the other', '$${{ satellites.join.output.n }}', ['join one output']],
  ['a collect on a side', '$${{ satellites.all.output.n }}', ['all one output']],
])('below a join: %s', ([, template, expected]) => {
  expect(seen(last(joined), template)).toEqual(expected);
});

test('without input, a join reads each need whole and a collect reads it as a list', () => {
  const text = `version: 0.0.1b
cluster:
  identifier: test/needs
  sla: 6h
  trigger: api-call
  satellites:
    - { identifier: src, uses: test/list }
    - { identifier: a, uses: test/echo, needs: [src] }
    - { identifier: b, uses: test/list, needs: [src] }
    - { identifier: c, uses: test/echo, needs: [b] }
    - { identifier: join, uses: test/echo, needs: [a, b] }
    - { identifier: wide, uses: test/echo, needs: [a, c] }
    - { identifier: all, uses: test/echo, needs: [a, c], collect: run }
  failure:
    satellites:
      - { identifier: f, uses: test/echo }
      - { identifier: g, uses: test/list, needs: [] }
      - { identifier: h, uses: test/echo, needs: [f, g] }
`;
  const { plan } = readCluster(text, { file: null, catalog });
  const steps = [...(plan?.steps ?? []), ...(plan?.failure?.steps ?? [])].filter(({ reads }) => reads.length > 0);
  expect(steps.map(({ identifier, reads }) => [identifier, reads.map(({ step, as }) => `${step} ${as}`)])).toEqual([
    ['join', ['a whole', 'b whole']],
    ['wide', ['a whole', 'c list']],
    ['all', ['a list', 'c list']],
    ['h', ['f whole', 'g whole']],
  ]);
});
