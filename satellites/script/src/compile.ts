import { SatelliteFailure } from '@exosphere/satellite';

/** What the code sees, by name. */
export interface Scope {
  readonly input: unknown;
  readonly item: unknown;
  readonly params: unknown;
  readonly context: unknown;
  /** Throws: how the code fails on purpose. */
  readonly fail: (message: string, options?: object) => never;
}

export type Code = (scope: Scope) => Promise<unknown>;

const names = ['input', 'item', 'params', 'context', 'fail'] as const;
const compiled = new Map<string, Code>();

/** Compiles the body of an async function, once for each text. Fails with `script-invalid`, not retryable. */
export function compile(code: string): Code {
  const known = compiled.get(code);
  if (known !== undefined) return known;
  const made = compileAnew(code);
  compiled.set(code, made);
  return made;
}

function compileAnew(code: string): Code {
  try {
    // The isolate is the boundary: what this code can reach is what any satellite of its project can reach.
    const asyncFunction = (async () => undefined).constructor as new (...parts: string[]) => (...values: unknown[]) => Promise<unknown>; // no global names it
    const body = new asyncFunction(...names, `'use strict';\n${code}`);
    return (scope) => body(...names.map((name) => scope[name]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SatelliteFailure(`The code cannot be compiled: ${why}.`, { code: 'script-invalid', retryable: false, cause });
  }
}
