import { describe, expect, it } from 'vitest';
import { createStandstill } from './standstill.ts';

const waits = [{ step: 'llm', reason: 'no GPU host' }];

describe('what is shown of a run that stands still', () => {
  it('is what its steps wait for, while they do', () => {
    const standstill = createStandstill();
    expect(standstill.lines([], 0)).toEqual([]);
    expect(standstill.lines(waits, 1)).toEqual(['llm waits: no GPU host']);
    expect(standstill.lines(waits, 600_000)).toEqual(['llm waits: no GPU host']);
    expect(standstill.lines([], 600_001)).toEqual([]);
  });

  it('is what is done for a step, until nothing was told of it for a while', () => {
    const standstill = createStandstill();
    standstill.doing('llm', 'pulling the image x: 1 of 9 MiB');
    standstill.doing('ocr', 'building the image of y');
    expect(standstill.lines(waits, 1_000)).toEqual([
      'llm waits: no GPU host',
      'llm: pulling the image x: 1 of 9 MiB',
      'ocr: building the image of y',
    ]);
    standstill.doing('llm', 'pulling the image x: 5 of 9 MiB');
    expect(standstill.lines([], 15_000)).toEqual(['llm: pulling the image x: 5 of 9 MiB', 'ocr: building the image of y']);
    expect(standstill.lines([], 30_000)).toEqual(['llm: pulling the image x: 5 of 9 MiB']);
    expect(standstill.lines([], 60_000)).toEqual([]);
  });
});

describe('what is new of it', () => {
  it('is a reason when it comes, another one, and that there is none any more', () => {
    const standstill = createStandstill();
    expect(standstill.news([], 0)).toEqual([]);
    expect(standstill.news(waits, 1)).toEqual(['llm waits: no GPU host']);
    expect(standstill.news(waits, 100_000)).toEqual([]);
    expect(standstill.news([...waits, { step: 'ocr', reason: 'no image' }], 100_001)).toEqual(['ocr waits: no image']);
    expect(standstill.news([], 100_002)).toEqual(['nothing waits any more']);
    expect(standstill.news([], 100_003)).toEqual([]);
    expect(standstill.news(waits, 100_004)).toEqual(['llm waits: no GPU host']);
  });

  it('is how far something is now and then, and at once that it is something else', () => {
    const standstill = createStandstill();
    const tell = (text: string, now: number): readonly string[] => {
      standstill.doing('llm', text);
      return standstill.news([], now);
    };
    expect(tell('pulling: 1 of 9 MiB', 0)).toEqual(['llm: pulling: 1 of 9 MiB']);
    expect(tell('pulling: 2 of 9 MiB', 5_000)).toEqual([]);
    expect(tell('pulling: 7 of 9 MiB', 35_000)).toEqual(['llm: pulling: 7 of 9 MiB']);
    expect(tell('pulled', 36_000)).toEqual(['llm: pulled']);
    expect(standstill.news([], 37_000)).toEqual([]);
  });
});
