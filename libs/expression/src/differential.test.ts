import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import access from '../testdata/access.json' with { type: 'json' };
import differingRows from '../testdata/differing-rows.json' with { type: 'json' };
import differences from '../testdata/differences.json' with { type: 'json' };
import github from '../testdata/github-functions.json' with { type: 'json' };
import literals from '../testdata/literals.json' with { type: 'json' };
import operators from '../testdata/operators.json' with { type: 'json' };
import { ExpressionError } from './expression-error.ts';
import { compileExpression, evaluate } from './expression.ts';
import { githubContexts, githubExpression } from './testing/github-expressions.ts';
import { evaluateWithPeer } from './testing/github-peer.ts';
import type { PeerResult } from './testing/github-peer.ts';
import { languageScope } from './testing/language-scope.ts';
import { toPlain } from './to-plain.ts';
import type { Value } from './value.ts';

const contexts = { ...githubContexts, a: { ...(githubContexts.a as object), list: [1, 2] } } as Readonly<Record<string, Value>>;

function evaluateOurs(source: string, against: Readonly<Record<string, Value>>, names = Object.keys(against)): PeerResult {
  try {
    return { value: evaluate(compileExpression(source, { contexts: names }), { contexts: against }) };
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.message };
    throw error;
  }
}

/** Content alone: what object it is in, and with what prototype, is no part of the comparison. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(entries.map(([key, item]) => [key, plain(item)]));
}

/** `{"error": "…"}` in the data is the beginning of a message. */
function agrees(result: PeerResult, written: unknown): void {
  const isError = typeof written === 'object' && written !== null && 'error' in written;
  if (isError) expect('error' in result ? result.error.startsWith(String(written.error)) : result).toBe(true);
  else expect('value' in result ? toPlain(result.value as Value) : result).toEqual(written);
}

describe('next to the npm package of GitHub', () => {
  it.each(differences)('differs in $source, because $why', ({ source, ours, peer }) => {
    agrees(evaluateOurs(source, contexts, [...Object.keys(contexts), 'secrets']), ours);
    agrees(evaluateWithPeer(source, contexts), peer);
  });

  it('EXP-12: gives the same value, or refuses the same, in the whole subset that both have', () => {
    let errors = 0;
    fc.assert(
      fc.property(githubExpression, (source) => {
        const ours = evaluateOurs(source, githubContexts);
        const peer = evaluateWithPeer(source, githubContexts);
        if ('error' in ours) errors += 1;
        expect('error' in ours ? 'an error' : ours.value).toEqual('error' in peer ? 'an error' : peer.value);
      }),
      { numRuns: 20_000 },
    );
    expect(errors).toBeLessThan(4_000);
  });

  it('EXP-12: agrees on every row of our own data that the peer can read, but for those that differ for the reasons above', () => {
    const differing = [...literals, ...operators, ...access, ...github]
      .flatMap(({ rows }) => rows.map(([source]) => source as string))
      .filter((source) => {
        const [ours, peer] = [evaluateOurs(source, languageScope.contexts), evaluateWithPeer(source, languageScope.contexts)];
        return 'value' in ours && 'value' in peer && !isDeepStrictEqual(plain(ours.value), plain(peer.value));
      });
    expect(differing).toEqual(differingRows);
  });
});
