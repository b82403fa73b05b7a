import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { engineRules, layers, layersOfTests, needsReason, pureCoreRules, pureCoreSyntax, purePackages } from './tools/lint/src/index.ts';

const tests = ['**/*.test.ts', '**/*.contract.ts', '**/testing/**'];
const libraries = ['libs/*/src/**/*.ts'];

const boundaries = (depConstraints) => [
  'error',
  {
    depConstraints,
    banTransitiveDependencies: true,
    // A package's tests use the testkit, which uses the package.
    ignoredCircularDependencies: [['*', 'tag:layer:testkit']],
    // An app may load a package late to start fast, and take its types early.
    checkDynamicDependenciesExceptions: ['.*'],
  },
];

const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'No enum: a union of strings, or a readonly union with `kind`.' },
  { selector: 'ExportAllDeclaration', message: 'index.ts lists names.' },
];
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'No default exports.' };
const noBareError = {
  selector: 'NewExpression[callee.name="Error"]',
  message: 'No bare Error: an ExosphereError has a code, says whether to retry, and keeps its cause; our own fault is an InternalError.',
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/fixtures/**', '**/testdata/**', '**/.exosphere/**', '.nx/**', 'coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx, exosphere: { rules: { 'needs-reason': needsReason } } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off', // `() => done()` reads well
      '@typescript-eslint/no-invalid-void-type': 'off', // `Promise<T> | void` is what an author may return
      '@typescript-eslint/no-explicit-any': 'off', // needs-reason
      '@typescript-eslint/no-non-null-assertion': 'off', // needs-reason
      '@typescript-eslint/require-await': 'off', // an adapter may answer at once where its port waits
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unbound-method': 'off', // ports are plain objects, their functions may be taken apart
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      'exosphere/needs-reason': 'error',
      eqeqeq: 'error',
      'max-depth': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@exosphere/[^/]+/', message: 'A package is imported by its name alone.' }] },
      ],
      'no-restricted-syntax': ['error', ...everywhere, noDefaultExport],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
      'no-regex-spaces': 'off', // they are easy to count in a fixed-width font
      'prefer-const': 'error',
    },
  },
  { files: libraries, rules: { 'no-restricted-syntax': ['error', ...everywhere, noDefaultExport, noBareError] } },
  {
    files: ['*.config.ts', '*.config.js', 'satellites/*/src/**/*.ts', 'examples/*/*/src/**/*.ts', 'tools/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  { files: ['apps/cli/src/**/*.ts', 'tools/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: purePackages.map((name) => `libs/${name}/src/**/*.ts`),
    rules: { ...pureCoreRules, 'no-restricted-syntax': ['error', ...everywhere, noDefaultExport, noBareError, ...pureCoreSyntax] },
  },
  {
    // The engine waits and has timers, but reaches the rest of the world through its ports.
    files: ['libs/engine/src/**/*.ts'],
    rules: { ...engineRules, 'no-restricted-syntax': ['error', ...everywhere, noDefaultExport, noBareError, ...pureCoreSyntax] },
  },
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layersOfTests),
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'exosphere/needs-reason': 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', ...everywhere],
    },
  },
);
