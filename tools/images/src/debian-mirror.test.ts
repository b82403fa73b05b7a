import { expect, test } from 'vitest';
import { mirrorOf, settingsOf } from './debian-mirror.ts';

const targets = `https://example.org/tools/ nodistro main
https://example.org/debian/ bookworm contrib
https://example.org/debian-security/ bookworm-security main
https://example.org/debian/ bookworm main
`;

test('the mirror is where the main archive of the release is, not that of its updates or of others', () => {
  expect(mirrorOf(targets, 'bookworm')).toBe('https://example.org/debian/');
});

test('a release may be called by its rank', () => {
  expect(mirrorOf('https://example.org/debian/ stable main\n', 'trixie')).toBe('https://example.org/debian/');
});

test('without a mirror of the release there is none', () => {
  expect(mirrorOf(targets, 'trixie')).toBeNull();
  expect(mirrorOf('', 'trixie')).toBeNull();
});

test('what system a machine has is read with or without quotes', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n';
  expect(settingsOf(text)).toEqual({ PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)', ID: 'debian', VERSION_CODENAME: 'bookworm' });
});
