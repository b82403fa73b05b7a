import { describe, expect, it } from 'vitest';
import { endingOf } from './ending.ts';

const memory = 64 * 2 ** 20;

describe('how a container ended', () => {
  it.each([
    [{ exitCode: 0 }, { kind: 'exit', message: 'The container ended with exit code 0.' }],
    [{ exitCode: 3 }, { kind: 'exit', message: 'The container ended with exit code 3.' }],
    [{ exitCode: 139 }, { kind: 'exit', message: 'The container ended with exit code 139 (SIGSEGV).' }],
    [
      { exitCode: 127, error: 'no such file' },
      { kind: 'exit', message: 'The container ended with exit code 127: no such file.' },
    ],
    [{ exitCode: 137 }, { kind: 'exit', message: expect.stringContaining('It may have needed more than its memory of 64 MiB') }],
  ])('is told of %j', (state, expected) => {
    expect(endingOf({ isRunning: false, isOutOfMemory: false, error: '', ...state }, memory)).toMatchObject(expected);
  });

  it.each([137, 1, 0])('CTR-03: is for its memory where the engine says so, also with exit code %i', (exitCode) => {
    expect(endingOf({ isRunning: false, exitCode, isOutOfMemory: true, error: '' }, memory)).toEqual({
      kind: 'memory',
      exitCode,
      message: 'The container used more than its memory of 64 MiB (resources.memory in the manifest).',
    });
  });
});
