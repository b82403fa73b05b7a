import { expect, test } from 'vitest';
import { settings } from './machine-settings.ts';

test('what a build must know of the machine is written a line each, and nothing for what is not set', () => {
  const entries = [
    ['cert', '/etc/ssl/all.crt'],
    ['index-url', ''],
    ['registry', 'https://example.org/npm/'],
  ] as const;
  expect(settings(entries)).toBe('cert=/etc/ssl/all.crt\nregistry=https://example.org/npm/\n');
});

test('an address with a password is not written into an image', () => {
  expect(settings([['index-url', 'https://anna:secret@example.org/simple/']])).toBe('');
  expect(settings([['index-url', 'https://example.org/simple/@scope']])).toBe('index-url=https://example.org/simple/@scope\n');
});
