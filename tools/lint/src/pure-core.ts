import { builtinModules } from 'node:module';
import { runInNewContext } from 'node:vm';

/** Packages that decide and never touch the world: no I/O, no clock, no chance. */
export const purePackages = ['model', 'expression', 'cluster', 'run-machine', 'scheduling', 'ports', 'satellite-protocol'];

/** Globals that are no part of the language, but compute the same everywhere. */
const harmless = new Set([
  'AbortController',
  'AbortSignal',
  'DOMException',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'structuredClone',
]);

const advice = 'The core decides, it does not act: take what is needed as a parameter, or declare it in `ports`.';

/** What a bare V8 context has: the language. `console` and `WebAssembly` come with V8, not with the language. */
function languageGlobals(): Set<string> {
  const names = new Set(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]); // vm is untyped: the script above gives names
  names.delete('console');
  names.delete('WebAssembly');
  return names;
}

function hostGlobals(): string[] {
  const language = languageGlobals();
  const host = Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name) && !harmless.has(name));
  return [...new Set([...host, 'console', 'WebAssembly', 'require', 'module', '__dirname', '__filename', 'globalThis'])];
}

function restrictedGlobals(names: readonly string[]): { name: string; message: string }[] {
  return names.map((name) => ({ name, message: advice }));
}

const clock = 'The core takes the time as a parameter: `retryAt(attempt, now)`.';

/** ESLint rules for the packages of {@link purePackages}. The layer rule ignores Node built-ins, so they are refused here. */
export const pureCoreRules = {
  'no-restricted-imports': [
    'error',
    {
      paths: builtinModules.map((name) => ({ name, message: advice })),
      patterns: [
        { regex: '^node:', message: advice },
        { regex: '^@exosphere/[^/]+/', message: 'A package is imported by its name alone; what it exports stands in its index.ts.' },
      ],
    },
  ],
  'no-restricted-globals': ['error', ...restrictedGlobals(hostGlobals())],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: clock },
    { object: 'Math', property: 'random', message: 'The core takes chance as a parameter.' },
  ],
} as const;

const timers = new Set(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask']);

/** The rules of the core, but with timers. */
export const engineRules = {
  ...pureCoreRules,
  'no-restricted-globals': ['error', ...restrictedGlobals(hostGlobals().filter((name) => !timers.has(name)))],
} as const;

/** Syntax that brings the world into the core. */
export const pureCoreSyntax = [
  { selector: 'ImportExpression', message: advice },
  { selector: 'MetaProperty', message: advice },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: clock },
  { selector: 'CallExpression[callee.name="Date"]', message: clock },
] as const;
