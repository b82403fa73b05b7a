import type { Diagnostic, DiagnosticCode } from '@exosphere/model';
import type { Position } from './positions.ts';

/** Where in the file something is: an offset in its text, and the path below `cluster` (`satellites/store/input/n`). */
export interface Place {
  readonly start: number;
  readonly at: string;
}

/** What a diagnostic may say beside its message. */
export type Particulars = Pick<Diagnostic, 'found' | 'hint' | 'impliedBy'>;

/** Collects what is wrong with a file. */
export interface Report {
  error(code: DiagnosticCode, place: Place, message: string, particulars?: Particulars): void;
  warning(code: DiagnosticCode, place: Place, message: string, particulars?: Particulars): void;
  /** Errors so far. */
  errorCount(): number;
  /** All of it, by position in the file. */
  diagnostics(): readonly Diagnostic[];
}

/** A user mends a few at a time, and a broken file of 1 MiB can have as many problems as it has lines. */
const mostDiagnostics = 200;

export function createReport(file: string | null, positionOf: (offset: number) => Position): Report {
  const found: { readonly diagnostic: Diagnostic; readonly start: number }[] = [];
  let errors = 0;
  const add =
    (severity: Diagnostic['severity']): Report['error'] =>
    (code, { start, at }, message, particulars = {}) => {
      if (severity === 'error') errors += 1;
      found.push({ start, diagnostic: { severity, code, message, at, file, ...positionOf(start), ...particulars } });
    };
  return {
    error: add('error'),
    warning: add('warning'),
    errorCount: () => errors,
    diagnostics: () => withLimit(found.toSorted((a, b) => a.start - b.start).map(({ diagnostic }) => diagnostic)),
  };
}

function withLimit(all: readonly Diagnostic[]): readonly Diagnostic[] {
  const last = all[mostDiagnostics - 1];
  if (last === undefined || all.length <= mostDiagnostics) return all;
  const rest = all.length - mostDiagnostics + 1;
  const closing: Diagnostic = {
    ...last,
    severity: all.slice(mostDiagnostics - 1).some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    code: 'more-problems' satisfies DiagnosticCode,
    message: `${rest} more problems from here on are not listed. Mend those above and check again.`,
    found: rest,
  };
  return [...all.slice(0, mostDiagnostics - 1), closing];
}
