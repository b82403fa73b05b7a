import { describe, expect, it } from 'vitest';
import { declaredGpus } from './declared-gpus.ts';

describe('cards that somebody declares', () => {
  it('are read with their units converted and their defaults filled in', () => {
    const text = '[{"id": "GPU-1", "driver": "other", "model": "NVIDIA H100", "memory": "80GiB"}, {"id": "GPU-2"}]';
    expect(declaredGpus(text, 'EXO_GPUS')).toEqual([
      { id: 'GPU-1', index: 0, driver: 'other', model: 'NVIDIA H100', memoryBytes: 80 * 2 ** 30 },
      { id: 'GPU-2', index: 1, driver: 'nvidia', model: 'GPU', memoryBytes: null },
    ]);
    expect(declaredGpus('[]', 'EXO_GPUS')).toEqual([]);
  });

  it.each([
    ['no JSON', '[{', /^EXO_GPUS is no JSON: .* Expected a list of cards: \[\{"id"/],
    ['no list', '{"id": "GPU-1"}', /^EXO_GPUS is no list\. Expected a list of cards: /],
    ['something that is no card', '["GPU-1"]', /^EXO_GPUS\[0\] is "GPU-1", expected a card: \{"id"/],
    ['a card without an id', '[{}]', /^EXO_GPUS\[0\]\.id is missing: .*nvidia-smi -L/],
    ['an unknown key', '[{"id": "GPU-1", "size": "80GiB"}]', /^EXO_GPUS\[0\]\.size is not known\. Known are: id, driver, model, memory\.$/],
    [
      'memory without a unit',
      '[{"id": "GPU-1", "memory": "80"}]',
      /^EXO_GPUS\[0\]\.memory is '80', expected an amount of memory, as 80GiB\.$/,
    ],
    ['memory that is no text', '[{"id": "GPU-1", "memory": 80}]', /^EXO_GPUS\[0\]\.memory is 80, expected a text\.$/],
    ['one id twice', '[{"id": "GPU-1"}, {"id": "GPU-1"}]', /^EXO_GPUS has the id 'GPU-1' twice/],
  ])('are refused with %s', (_, text, message) => {
    expect(() => declaredGpus(text, 'EXO_GPUS')).toThrow(expect.objectContaining({ code: 'gpus-invalid', retryable: false }));
    expect(() => declaredGpus(text, 'EXO_GPUS')).toThrow(message);
  });

  it('are refused with everything that is wrong at once', () => {
    expect(() => declaredGpus('[{"id": ""}, {"id": "GPU-2", "memory": "x"}]', 'cards.json')).toThrow(
      /^cards\.json\[0\]\.id is "".*\ncards\.json\[1\]\.memory is 'x'/,
    );
  });
});
