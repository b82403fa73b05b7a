import { ExosphereError } from '@exosphere/model';
import { expect, it } from 'vitest';
import { quietReport } from './quiet-report.ts';

it('says the same thing once in half a minute', () => {
  let now = 0;
  const said: string[] = [];
  const report = quietReport(() => now, (text) => said.push(text)); // prettier-ignore
  const error = new ExosphereError('database-unavailable', 'PostgreSQL does not answer.', { retryable: true });
  for (now = 0; now < 60_000; now += 500) report.warn('no work could be claimed', { error });
  expect(said).toEqual(Array(2).fill('no work could be claimed: PostgreSQL does not answer. [database-unavailable] It is tried again.'));
  report.warn('something else', {});
  expect(said.at(-1)).toBe('something else');
});
