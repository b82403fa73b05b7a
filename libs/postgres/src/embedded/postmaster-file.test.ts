import { expect, test } from 'vitest';
import { parsePostmasterFile } from './postmaster-file.ts';

const whole = ['4711', '/d', '1700000000', '40321', '', '127.0.0.1', '  1234   5'];
const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

test.for([
  ['a server that is ready', text(...whole, 'ready   '), { pid: 4711, port: 40321, status: 'ready' }],
  ['one that recovers', text(...whole, 'starting'), { pid: 4711, port: 40321, status: 'starting' }],
  ['one that stops', text(...whole, 'stopping'), { pid: 4711, port: 40321, status: 'stopping' }],
  ['one that has just begun', text('4711', '/d', '1700000000'), { pid: 4711, port: null, status: 'starting' }],
  ['one for a single user', text('-4711', '/d', '1700000000'), { pid: 4711, port: null, status: 'starting' }],
  ['an empty file', '', null],
  ['a file that no server wrote', 'hello\n', null],
] as const)('%s is read', ([, content, expected]) => {
  expect(parsePostmasterFile(content)).toEqual(expected);
});
