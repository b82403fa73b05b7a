import { describe, expect, it } from 'vitest';
import { isReady, mayBeReady, nonceIn, printedObject, readAnswer } from './answer.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const line = (rest: object): string => JSON.stringify({ nonce, ...rest });

describe('the beginning of a line', () => {
  it.each([
    [`{"nonce":"${nonce}","objects":[]}`, nonce],
    [`  { "nonce" : "${nonce}" , "objects": [] }`, nonce],
    [`{"objects":[],"nonce":"${nonce}"}`, null],
    [`{"nonce":"${nonce.toUpperCase()}"}`, null],
    ['{"nonce":"short"}', null],
    ['::set-output::', null],
    ['{"status":"succeeded"}', null],
  ])('CTR-09: %s is an answer only by its nonce', (text, expected) => {
    expect(nonceIn(Buffer.from(text))).toBe(expected);
  });

  it('tells when the satellite is ready', () => {
    expect(mayBeReady(Buffer.from('{"exosphere": 1, "ready": true}'))).toBe(true);
    expect(isReady('{"exosphere": 1, "ready": true}')).toBe(true);
    expect(isReady('{"exosphere": 2, "ready": true}')).toBe(false);
    expect(isReady('{"exosphere": 1')).toBe(false);
  });
});

describe('an answer', () => {
  it.each([
    [{ objects: [{ a: 1 }] }, { kind: 'objects', objects: [{ a: 1 }], metrics: null }],
    [
      { objects: [], metrics: { tokens: 3 } },
      { kind: 'objects', objects: [], metrics: { tokens: 3 } },
    ],
    [{ objects: [1] }, { kind: 'error', error: { code: 'output-invalid', retryable: true } }],
    [{ objects: { a: 1 } }, { kind: 'error', error: { code: 'output-invalid' } }],
    [
      { error: { message: 'No.', code: 'no-such', retryable: false, 'retry-after': 5 } },
      { kind: 'error', error: { message: 'No.', code: 'no-such', retryable: false, retryAfterMs: 5 } },
    ],
    [{ error: { message: 'No.' } }, { kind: 'error', error: { code: 'satellite-error', retryable: true, retryAfterMs: null } }],
    [{ error: { message: 'No.', code: 'Not A Code' } }, { kind: 'error', error: { code: 'satellite-error' } }],
    [{ error: 'just text' }, { kind: 'error', error: { message: 'just text' } }],
  ])('CTR-10: %j ends the request', (rest, reply) => {
    expect(readAnswer(line(rest))).toMatchObject({ kind: 'reply', reply });
  });

  it('of a batch has a place for each item', () => {
    const replies = [{ kind: 'objects', objects: [{ a: 1 }] }, { kind: 'error', error: { message: 'x' } }, null];
    expect(readAnswer(line({ results: [{ objects: [{ a: 1 }] }, { error: { message: 'x' } }, null] }))).toMatchObject({
      kind: 'results',
      replies,
    });
  });

  it('may be a log record, with what is left out filled in', () => {
    expect(readAnswer(line({ log: { message: 'm' } }))).toEqual({
      kind: 'log',
      index: null,
      record: { time: null, level: 'info', message: 'm', fields: {} },
    });
    expect(readAnswer(line({ index: 2, log: { level: 'loud', message: 5, fields: [], time: 'noon' } }))).toMatchObject({
      index: 2,
      record: { time: null, level: 'info', message: '5', fields: {} },
    });
  });

  it.each([
    [line({}), 'it has none of'],
    [line({ emit: 5 }), "'emit' is no list of objects"],
    [line({ results: {} }), "'results' is no list"],
    [line({ log: 'text' }), "'log' is no object"],
    [`{"nonce":"${nonce}",`, 'it is no JSON object'],
    [`{"nonce":"${nonce}","objects":[{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}]}`, 'it is nested too deeply'],
  ])('CTR-10: that cannot be read says why: %#', (text, fault) => {
    expect(readAnswer(text)).toMatchObject({ kind: 'broken', fault: expect.stringContaining(fault) });
  });

  it('CTR-10: takes brackets in text for text', () => {
    const deep = '['.repeat(5_000);
    expect(readAnswer(line({ objects: [{ deep, quoted: `"${deep}\\` }] }))).toMatchObject({ kind: 'reply', reply: { kind: 'objects' } });
  });

  it('keeps keys like __proto__ as data', () => {
    const answer = readAnswer(`{"nonce":"${nonce}","objects":[{"__proto__":{"polluted":1}}]}`);
    expect(JSON.stringify(answer)).toContain('__proto__');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('a line of a plain program', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['[1]', null],
    ['text', null],
    ['{broken', null],
    ['5', null],
  ])('CTR-10: %s', (text, expected) => {
    expect(printedObject(text)).toEqual(expected);
  });
});
