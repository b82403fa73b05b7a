import { createTestFiles, testSatellite } from '@exosphere/satellite/testing';
import { describe, expect, it } from 'vitest';
import script from './index.ts';

const run = (code: string, more: object = {}, config: object = {}) => testSatellite(script, { config: { code, ...config }, ...more });

describe('script', () => {
  it('returns an object made of item, input and params', async () => {
    const more = { item: { a: 1 }, input: { b: 2 } };
    const { objects, error } = await run('return { sum: item.a + input.b + params.c };', more, { params: { c: 3 } });
    expect(error).toBeNull();
    expect(objects).toEqual([{ sum: 6 }]);
  });

  it('returns a list where it says so, also an empty one', async () => {
    const code = 'return item.words.filter((word) => word.length > params.least).map((word) => ({ word }));';
    const more = { item: { words: ['a', 'bcd', 'ef'] } };
    expect((await run(code, more, { returns: 'many', params: { least: 1 } })).objects).toEqual([{ word: 'bcd' }, { word: 'ef' }]);
    expect((await run(code, more, { returns: 'many', params: { least: 9 } })).objects).toEqual([]);
  });

  it('may wait, log and read files', async () => {
    const files = createTestFiles();
    const file = await files.write('a.txt', 'text/plain', 'one two');
    const code =
      'const text = await context.files.text(item.file); context.log.warn("read", { length: text.length }); return { words: text.split(" ").length };';
    const result = await run(code, { item: { file }, files });
    expect(result.objects).toEqual([{ words: 2 }]);
    expect(result.logs).toEqual([{ level: 'warn', message: 'read', fields: { length: 7 } }]);
  });

  it.each([
    ['text that is no code', 'return {', { code: 'script-invalid', retryable: false }],
    ['an error', 'return item.a.b.c;', { code: 'script-failed', retryable: false, message: expect.stringContaining('TypeError') }],
    ['something else that is thrown', 'throw "no";', { code: 'script-failed', retryable: false, message: 'The code failed with no' }],
    [
      'a failure of its own',
      'fail("later", { code: "not-yet", retryable: true, retryAfterMs: 5 });',
      { code: 'not-yet', retryable: true, retryAfterMs: 5, message: 'later' },
    ],
    ['a failure without options', 'fail("never");', { code: 'script-failed', retryable: false, message: 'never' }],
    ['nothing', 'item;', { code: 'output-invalid', retryable: false, message: expect.stringContaining('returned nothing') }],
    ['a list as the one object', 'return [item];', { code: 'output-invalid', message: expect.stringContaining('returned a list') }],
    ['a variable that is not declared', 'x = 1; return {};', { code: 'script-failed', message: expect.stringContaining('ReferenceError') }],
  ])('fails on %s', async (_, code, error) => {
    expect((await run(code, { item: {} })).error).toMatchObject(error);
  });

  it.each([
    ['an object', 'return {};', 'an object'],
    ['a list with a number in it', 'return [{}, 2];', 'Entry 1'],
  ])('fails where it must return a list and returns %s', async (_, code, message) => {
    expect((await run(code, {}, { returns: 'many' })).error).toMatchObject({
      code: 'output-invalid',
      message: expect.stringContaining(message),
    });
  });

  it('keeps nothing between items but what the code puts on globalThis', async () => {
    const code = 'let seen = 0; seen += 1; return { seen };';
    await run(code);
    expect((await run(code)).objects).toEqual([{ seen: 1 }]);
  });
});
