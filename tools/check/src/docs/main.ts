import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../command.ts';
import { undocumentedCodes } from './error-codes.ts';
import { badFileNames } from './file-names.ts';
import { unansweredHardening } from './hardening.ts';
import { brokenLinks } from './links.ts';
import type { TextFile } from './problem.ts';
import { undocumentedExports } from './public-names.ts';
import { badReadmes, missingReadmes } from './readmes.ts';

const exists = (path: string): boolean => existsSync(join(root, path));
const read = (path: string): TextFile => ({ path, text: readFileSync(join(root, path), 'utf8') });
const find = (pattern: string): string[] =>
  globSync(pattern, {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**', '**/.exosphere/**', '**/.nx/**', '**/fixtures/**', '**/testdata/**'],
  })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

const packages = find('{apps,libs,satellites,tools}/*/package.json').map((path) => path.replace('/package.json', ''));
const sources = find('{apps,libs,satellites,tools}/*/{src,sql,bench}/**/*.{ts,tsx,js,sql,css}');
const tests = sources.filter((path) => !path.startsWith('tools/') && /\.(test|contract)\./.test(path));
const product = sources.filter(
  (path) => /^(apps|libs|satellites)\/[^/]+\/src\/.*\.ts$/.test(path) && !tests.includes(path) && !path.startsWith('libs/testkit/'),
);
const families = ['API', 'CRN', 'CTR', 'DAG', 'EXP', 'GIT', 'JSP', 'LOD', 'PGF', 'PKG', 'SBX', 'SEC', 'WHK', 'YML'];

const problems = [
  ...brokenLinks(find('{*.md,docs/**/*.md,{apps,libs,satellites,tools,examples}/**/*.md}').map(read), exists),
  ...missingReadmes(packages, exists),
  ...badReadmes(
    packages
      .map((folder) => `${folder}/README.md`)
      .filter(exists)
      .map(read),
  ),
  ...badFileNames(sources),
  ...unansweredHardening(read('docs/hardening.md'), tests.map(read), new Set(families)),
  ...undocumentedCodes(read('docs/errors.md'), product.map(read)),
  ...undocumentedExports(
    root,
    packages.filter((folder) => folder.startsWith('libs/')).map((folder) => `${folder}/src/index.ts`),
  ),
];
for (const { file, line, message } of problems) console.error(`${file}:${String(line)}  ${message}`);
console.log(`${String(packages.length)} packages, ${String(sources.length)} source files checked, ${String(problems.length)} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
