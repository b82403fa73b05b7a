#!/usr/bin/env node
// Plain JavaScript: it must run in any Node, to find one that runs the TypeScript of this package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const leastMajor = 24;

if (Number(process.versions.node.split('.')[0]) >= leastMajor) await runHere();
else runElsewhere(findNode());

async function runHere() {
  // Compiled types and code are kept: the next start is twice as fast.
  if (!process.env.NODE_DISABLE_COMPILE_CACHE) nodeModule.enableCompileCache?.();
  endWithLauncher();
  const { main } = await import('../src/main.ts');
  await main(process.argv.slice(2));
}

/** Whoever kills the launcher means this process. */
function endWithLauncher() {
  if (!process.channel) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

function runElsewhere(node) {
  if (node === null) {
    console.error(
      `exo needs Node ${leastMajor} or newer; this is ${process.version}, and no newer one is installed beside it. ` +
        `On Linux (x64, arm64) \`npm ci\` brings one; elsewhere install Node ${leastMajor} from https://nodejs.org.`,
    );
    process.exit(6);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // The terminal sends Ctrl-C to both, `kill` only to the launcher: all is handed on, and what comes twice at once counts once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`exo cannot start ${node}: ${error.message}`);
    process.exit(6);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
}

/** The Node that npm installed with this package. */
function findNode() {
  const require = createRequire(import.meta.url);
  for (const name of [`node-${process.platform}-${process.arch}`]) {
    try {
      const node = join(dirname(require.resolve(`${name}/package.json`)), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(node)) return node;
    } catch {
      // not installed on this platform
    }
  }
  return null;
}
