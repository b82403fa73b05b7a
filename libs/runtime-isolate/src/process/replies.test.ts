import { describe, expect, it } from 'vitest';
import { BrokenReport, readReports } from './replies.ts';

describe('what a guest reports', () => {
  it('becomes replies, parts and log records', () => {
    const text = JSON.stringify([
      [0, 'o', [{ a: 1 }], {}],
      [1, 'e', { message: 'm', code: 'c', retryable: false, retryAfterMs: 5 }, { tokens: 1 }],
      [0, 'l', 0, 'warn', 'text', { f: 1 }],
      [1, 'p', [{ b: 2 }]],
    ]);
    expect(readReports(text, 2)).toEqual([
      { kind: 'reply', index: 0, reply: { kind: 'objects', objects: [{ a: 1 }], metrics: null } },
      {
        kind: 'reply',
        index: 1,
        reply: { kind: 'error', error: { message: 'm', code: 'c', retryable: false, retryAfterMs: 5 }, metrics: { tokens: 1 } },
      },
      { kind: 'log', index: 0, record: { time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'text', fields: { f: 1 } } },
      { kind: 'part', index: 1, objects: [{ b: 2 }] },
    ]);
  });

  it('is output-invalid where an entry is no object', () => {
    expect(readReports('[[0,"o",["text"],{}]]', 1)).toMatchObject([{ reply: { kind: 'error', error: { code: 'output-invalid' } } }]);
  });

  it.each([
    '{}',
    '[5]',
    '[[]]',
    '[[2,"o",[],{}]]',
    '[[-1,"o",[],{}]]',
    '[[0.5,"o",[],{}]]',
    '[["0","o",[],{}]]',
    '[[0,"x"]]',
    '[[0,"o",{},{}]]',
    '[[0,"o",[]]]',
    '[[0,"e",{"message":1,"code":"c"},{}]]',
    '[[0,"e","text",{}]]',
    '[[0,"l",0,"fatal","m",{}]]',
    '[[0,"l","now","info","m",{}]]',
    '[[0,"l",1e300,"info","m",{}]]',
    '[[0,"l",0,"info",5,{}]]',
    '[[0,"l",0,"info","m",[]]]',
  ])('that is not of our form ends the process: %s', (text) => {
    expect(() => readReports(text, 2)).toThrow(BrokenReport);
  });
});
