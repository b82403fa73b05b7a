import { Evaluator, Lexer, Parser, data } from '@actions/expressions';
import type { Value } from '../value.ts';

/** What GitHub's own package makes of an expression. */
export type PeerResult = { readonly value: unknown } | { readonly error: string };

function peerData(value: Value): data.ExpressionData {
  const read: unknown = JSON.parse(JSON.stringify(value), data.reviver);
  return read as data.ExpressionData; // what the reviver makes of JSON
}

function plain(value: data.ExpressionData): unknown {
  switch (value.kind) {
    case data.Kind.Null:
      return null;
    case data.Kind.Array:
      return value.values().map(plain);
    case data.Kind.Dictionary: {
      const pairs = value.pairs();
      return Object.fromEntries(pairs.map((pair) => [pair.key, plain(pair.value)]));
    }
    default:
      return value.value;
  }
}

/** Evaluates with the npm package `@actions/expressions`. */
export function evaluateWithPeer(source: string, contexts: Readonly<Record<string, Value>>): PeerResult {
  try {
    const { tokens } = new Lexer(source).lex();
    const tree = new Parser(tokens, Object.keys(contexts), []).parse();
    const context = new data.Dictionary(...Object.entries(contexts).map(([key, value]) => ({ key, value: peerData(value) })));
    return { value: plain(new Evaluator(tree, context).evaluate()) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
