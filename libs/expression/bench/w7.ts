/* eslint-disable no-console -- a bench prints what it measured */
/**
 * W7: a thousand templates evaluated a million times, next to the npm package of GitHub's own language. Both are given
 * their templates compiled and their data in the form they like best; the peer's templates with text are the calls of
 * `format` that GitHub makes of them. Five rounds, interleaved; medians.
 *
 *     node libs/expression/bench/w7.ts
 */
// eslint-disable-next-line @nx/enforce-module-boundaries -- the peer is measured here, and used nowhere
import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import { compileTemplate, evaluateTemplate, parseTemplate } from '../src/index.ts';
import type { Scope, Value } from '../src/index.ts';
import { contexts, templates } from './templates.ts';

const EVALUATIONS = 1_000_000;
const ROUNDS = 5;
const SLICE = 20_000;

const escaped = (text: string): string => text.replaceAll("'", "''").replaceAll('{', '{{').replaceAll('}', '}}');

function peerSource(text: string): string {
  const template = parseTemplate(text);
  if (template.kind === 'literal') return `'${text}'`;
  if (template.kind === 'single') return template.placeholder.source;
  const sources: string[] = [];
  const format = template.parts.map((part) => (typeof part === 'string' ? escaped(part) : `{${sources.push(part.source) - 1}}`));
  return `format('${format.join('')}', ${sources.join(', ')})`;
}

const peerData = (value: Value): data.ExpressionData => {
  const read: unknown = JSON.parse(JSON.stringify(value), data.reviver);
  return read as data.ExpressionData; // what the reviver makes of JSON
};
const pairs = Object.entries(contexts).map(([key, value]) => ({ key, value: peerData(value) }));
const peerContext = new data.Dictionary(...pairs);
const names = Object.keys(contexts);
const trees = templates.map((text) => new Parser(new Lexer(peerSource(text)).lex().tokens, names, []).parse());

const scope: Scope = { contexts };
const compiled = templates.map((text) => compileTemplate(text));

type EvaluateOne = (at: number) => unknown;

/** Microseconds a template for each of the ways, a slice of one after a slice of the other, so that both meet the same machine. */
function interleaved(ways: readonly EvaluateOne[]): readonly number[] {
  const spent = ways.map(() => 0);
  for (let done = 0; done < EVALUATIONS; done += SLICE) {
    ways.forEach((evaluateOne, way) => {
      const start = performance.now();
      for (let count = 0; count < SLICE; count += 1) evaluateOne(count % templates.length);
      spent[way] = (spent[way] ?? 0) + performance.now() - start;
    });
  }
  return spent.map((milliseconds) => (milliseconds * 1_000) / EVALUATIONS);
}

const ours = (at: number): unknown => {
  const template = compiled[at];
  return template && evaluateTemplate(template, { whole: scope, one: scope });
};
const peer = (at: number): unknown => {
  const tree = trees[at];
  return tree && new Evaluator(tree, peerContext).evaluate();
};
const compile = (at: number): unknown => compileTemplate(templates[at] ?? '');

const median = (values: readonly number[]): number => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
const rounds = Array.from({ length: ROUNDS }, () => interleaved([ours, peer]));
const [our = NaN, their = NaN] = [0, 1].map((way) => median(rounds.map((round) => round[way] ?? NaN)));
console.log(`ours   ${our.toFixed(2)} µs a template`);
console.log(`peer   ${their.toFixed(2)} µs a template (@actions/expressions)`);
console.log(`ratio  ${(their / our).toFixed(1)} times as fast`);
const start = performance.now();
for (let at = 0; at < 20_000; at += 1) compile(at % templates.length);
console.log(`compile ${(((performance.now() - start) * 1_000) / 20_000).toFixed(1)} µs a template`);
