import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile, Plugin } from 'esbuild';
import { build } from 'esbuild';
import { buildFailure } from './build-failure.ts';

/** The script of a satellite, and the files that it was made of (absolute paths). */
export interface BundledCode {
  readonly bundle: string;
  readonly inputs: readonly string[];
}

/** Node's modules are refused where they are imported: in an isolate there are none. */
const refuseBuiltins: Plugin = {
  name: 'refuse-node-builtins',
  setup({ onResolve }) {
    onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z_/]+)?$/ }, ({ path }) =>
      isBuiltin(path)
        ? {
            errors: [
              {
                text: `'${path}' is a module of Node, and a satellite in an isolate has no Node: use the web platform (fetch, crypto.subtle, URL …)`,
              },
            ],
          }
        : null,
    );
  },
};

function inputsOf(metafile: Metafile, folder: string): readonly string[] {
  return Object.keys(metafile.inputs).map((path) => join(folder, path));
}

/**
 * Bundles a module and all that it imports into one script, which evaluates to a function that gives the module's default export.
 *
 * The same source gives the same text in every folder: names are shortened and paths left out.
 */
export async function bundleCode(folder: string, entry: string): Promise<BundledCode> {
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: folder,
      entryPoints: [`./${entry}`],
      bundle: true,
      write: false,
      outfile: 'satellite.js',
      format: 'iife',
      globalName: 'satellite',
      minify: true,
      charset: 'utf8',
      legalComments: 'none',
      target: 'es2024',
      platform: 'browser',
      conditions: ['worker'],
      // found from here: a satellite need not have it installed
      alias: { '@exosphere/satellite': fileURLToPath(import.meta.resolve('@exosphere/satellite')) },
      define: { 'process.env.NODE_ENV': '"production"' },
      tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
      metafile: true,
      plugins: [refuseBuiltins],
      logLevel: 'silent',
    });
    const script = outputFiles[0]?.text ?? '';
    return { bundle: `(() => {\n${script}return satellite.default;\n})\n`, inputs: inputsOf(metafile, folder) };
  } catch (cause) {
    throw buildFailure(folder, cause);
  }
}
