import { expect, test } from 'vitest';
import { readCluster } from './read-cluster.ts';
import { canonicalPlan } from './canonical-plan.ts';
import { catalog } from '../testing/catalog.ts';

function canonical(text: string): string {
  const { plan, diagnostics } = readCluster(text, { file: null, catalog });
  return plan === null ? expect.fail(JSON.stringify(diagnostics)) : canonicalPlan(plan);
}

const block = `
version: 0.0.1b
cluster:
  identifier: test/same
  sla: 6h
  trigger: { api-call: {} }
  vars: { B: 2, A: 1 }
  satellites:
    - identifier: src
      uses: test/list
      config: { items: [{ a: 1, b: 2 }] }
    - identifier: put
      uses: test/echo
      input: { x: "\${{ item.a }}", y: { z: "\${{ item.b }}", w: 1 } }
`;

const flow = `# a comment
{ "cluster": { "vars": { "A": 1, "B": 2 }, "trigger": "api-call", "sla": "6h", "identifier": "cluster/test/same",
  "satellites": [
    { "uses": "satellite/test/list", "identifier": "src", "config": { "items": [&o { "b": 2, "a": 1 }] }, "needs": [] },
    { "input": { "y": { "w": 1, "z": "\${{ item.b }}" }, "x": "\${{ item.a }}" }, "uses": "test/echo", "identifier": "put", "needs": "src" } ] },
  "version": "0.0.1b" }`;

test('the same content gives the same text, whatever its form, its comments and the order of its keys', () => {
  expect(canonical(flow)).toBe(canonical(block));
});

test.for<[string, string, string]>([
  ['a value', 'b: 2', 'b: 3'],
  ['a template', 'item.a', 'item.b'],
  ['the order of a list', 'items: [{ a: 1, b: 2 }]', 'items: [{ b: 2 }, { a: 1 }]'],
  ['the sla', 'sla: 6h', 'sla: 12h'],
  ['a step', 'test/echo', 'test/sum'],
])('%s changed gives another text', ([, before, after]) => {
  expect(canonical(block.replace(before, after))).not.toBe(canonical(block));
});

test('the order of mappings that are merged at run time is kept', () => {
  const merged = (headers: string): string =>
    block.replace('uses: test/echo\n', `uses: test/strict\n      config: { bucket: b, headers: ${headers} }\n`);
  expect(canonical(merged('["${{ item.h }}", { A: "1" }]'))).not.toBe(canonical(merged('[{ A: "1" }, "${{ item.h }}"]')));
});

test('data that looks like a part of a plan is left as it is', () => {
  const data = (entries: string): string => block.replace('items: [{ a: 1, b: 2 }]', `items: [{ kind: map, entries: ${entries} }]`);
  expect(canonical(data('[{ key: b }, { key: a }]'))).not.toBe(canonical(data('[{ key: a }, { key: b }]')));
});
