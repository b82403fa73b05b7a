import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownModule } from './own-module.ts';

let built: Promise<string> | null = null;

async function buildGuest(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(ownModule('./guest/guest-main'))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'guest',
    minify: true,
    target: 'es2024',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  });
  return `(() => { ${outputFiles[0]?.text ?? ''}\nreturn guest.start; })()`;
}

/** The script of the guest's side: evaluates to the function `start`. Built once for each process, of this package's own source. */
export function guestCode(): Promise<string> {
  built ??= buildGuest();
  return built;
}
