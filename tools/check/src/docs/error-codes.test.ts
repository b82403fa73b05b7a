import { expect, test } from 'vitest';
import { codesIn, undocumentedCodes } from './error-codes.ts';

test.for([
  ['a property of an object', "const fault = { code: 'disk-full' };", ['disk-full']],
  ['both sides of a condition', "const fault = { code: full ? 'disk-full' : 'port-taken' };", ['disk-full', 'port-taken']],
  ['a new error', "throw new ExosphereError('blob-missing', 'Found none.');", ['blob-missing']],
  ['super', "class A extends B { constructor() { super('internal', 'x'); } }", ['internal']],
  ['a type of codes', "type FaultCode = 'no-account' | 'LIST_TOO_LARGE';", ['no-account', 'LIST_TOO_LARGE']],
  ['a member of a type', "interface Fault { readonly code: 'a-b' | 'c-d' }", ['a-b', 'c-d']],
  ['a constant that lists them', "const faultCodes = { 'no-account': 'There is none.' } as const;", ['no-account']],
  ['a message, which is none', "throw new Error('Found none.');", []],
  ["another object's word, which is none", "const step = { kind: 'disk-full' };", []],
  ["Node's own code, which is none", "const gone = fault.code === 'ENOENT'; const same = { code: 'ENOENT' };", []],
] as const)('the codes of %s are found', ([, text, codes]) => {
  expect(codesIn({ path: 'a.ts', text }).map((use) => use.code)).toEqual(codes);
});

const document = (text: string) => ({ path: 'docs/errors.md', text: `| code | means |\n|---|---|\n${text}` });
const source = { path: 'a.ts', text: "\nconst fault = { code: 'disk-full' };" };

test('code and document must agree both ways', () => {
  expect(undocumentedCodes(document('| `disk-full` | No room. |\n'), [source])).toEqual([]);
  expect(undocumentedCodes(document(''), [source])).toEqual([
    { file: 'a.ts', line: 2, message: "The code 'disk-full' has no row in docs/errors.md: say what it means and what to do." },
  ]);
  expect(undocumentedCodes(document('| `disk-full` | x |\n| `gone` | x |\n| `disk-full` | x |\n'), [source])).toEqual([
    { file: 'docs/errors.md', line: 4, message: "No source has the code 'gone': take the row out, or mend the name." },
    { file: 'docs/errors.md', line: 5, message: "The code 'disk-full' stands here twice." },
  ]);
});
