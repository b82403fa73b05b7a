import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildFailure } from './build-failure.ts';

/** Found from here: a satellite need not have it installed, and runs with the same that serves it. */
function sdk(): Record<string, string> {
  const names = ['@exosphere/satellite/container', '@exosphere/satellite'];
  return Object.fromEntries(names.map((name) => [name, fileURLToPath(import.meta.resolve(name))]));
}

/**
 * Bundles a satellite for Node in a container: one module that serves requests on its standard input. The same source gives the same
 * text in every folder.
 *
 * @throws BundleFailure
 */
export async function bundleForNode(folder: string, entry: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      stdin: {
        // loaded late: the host takes standard output, and sets the network up, before any code of the satellite runs
        contents: `import { serve } from '@exosphere/satellite/container';\nserve(() => import('./${entry}'));\n`,
        resolveDir: folder,
        sourcefile: 'serve.ts',
        loader: 'ts',
      },
      alias: sdk(),
      bundle: true,
      write: false,
      outfile: 'satellite.mjs',
      format: 'esm',
      minify: true,
      charset: 'utf8',
      legalComments: 'none',
      target: 'node24',
      platform: 'node',
      // packages of CommonJS ask for Node's modules with `require`
      banner: { js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);" },
      define: { 'process.env.NODE_ENV': '"production"' },
      tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  } catch (cause) {
    throw buildFailure(folder, cause);
  }
}
