import type { Json } from '@exosphere/satellite';
import { testSatellite } from '@exosphere/satellite/testing';
import { describe, expect, it } from 'vitest';
import transform from './index.ts';

const run = (config: object, input: Json = { a: 1 }) => testSatellite(transform, { config, input });

describe('transform', () => {
  it.each([
    ['the object of its config', { object: { b: 2 } }, { a: 1 }, [{ b: 2 }]],
    ['its input', {}, { a: 1 }, [{ a: 1 }]],
    ['the objects of its config', { returns: 'many', objects: [{ b: 1 }, { b: 2 }] }, { a: 1 }, [{ b: 1 }, { b: 2 }]],
    ['no objects', { returns: 'many', objects: [] }, { a: 1 }, []],
    ['the list that is its input', { returns: 'many' }, [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
  ])('hands on %s', async (_, config, input, objects) => {
    expect(await run(config, input)).toMatchObject({ error: null, objects });
  });

  it.each([
    ['objects with returns one', { objects: [] }, {}, "give 'object'"],
    ['an object with returns many', { returns: 'many', object: {} }, {}, "give 'objects'"],
    ['a list as the one object', {}, [1], 'this one is a list'],
    ['nothing as the one object', {}, null, 'this one is null'],
    ['an object as the list', { returns: 'many' }, { a: 1 }, 'this one is an object'],
    ['a list of numbers', { returns: 'many' }, [{ a: 1 }, 2], 'Entry 1 of the list is an object; this one is a number'],
  ])('refuses %s, for good', async (_, config, input, message) => {
    const { error } = await run(config, input);
    expect(error).toMatchObject({ code: 'input-invalid', retryable: false, message: expect.stringContaining(message) });
  });
});
