import { expect, test } from 'vitest';
import { sharedLibraries } from './root-folder.ts';

test('the libraries of a program are those that ldd found in files, the loader among them', () => {
  const ldd = `	linux-vdso.so.1 (0x00007f9122de9000)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f9122dd3000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f912281e000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f9122deb000)
`;
  expect(sharedLibraries(ldd)).toEqual([
    '/lib/x86_64-linux-gnu/libdl.so.2',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('a program that is linked to nothing has none', () => {
  expect(sharedLibraries('\tnot a dynamic executable\n')).toEqual([]);
});
