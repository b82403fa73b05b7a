import { testCatalog } from '@exosphere/testkit/test-catalog';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import { expect, test } from 'vitest';
import { readCluster } from './index.ts';

/** The fields of a diagnostic that the examples state, without those that are absent. */
function stated(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(fields).filter(([, value]) => value !== undefined));
}

test.for(workedExamples().map((example) => [example.name, example] as const))(
  'validation says of "%s" exactly what the example says',
  ([, example]) => {
    const text = JSON.stringify(example.cluster, null, 2);
    const { diagnostics, plan } = readCluster(text, { file: null, catalog: testCatalog(example) });
    const found = diagnostics.map(({ severity, code, at, found: word, hint, impliedBy }) =>
      stated({ severity, code, at, word, hint, impliedBy }),
    );
    const expected = (example.expect.diagnostics ?? []).map(({ severity, code, at, found: word, hint, 'implied-by': impliedBy }) =>
      stated({ severity, code, at, word, hint, impliedBy }),
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(plan === null).toBe(example.expect.run === 'refused');
  },
);
