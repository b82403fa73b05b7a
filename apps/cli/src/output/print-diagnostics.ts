import type { Diagnostic } from '@exosphere/model';
import type { Output } from './output.ts';

/** Prints what is wrong with a file, one line each, as editors and people read them: `file:line:column severity message [code]`. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], file: string, out: Output): void {
  for (const diagnostic of diagnostics) {
    const { severity, message, code, line, column } = diagnostic;
    const place = `${diagnostic.file ?? file}:${line}:${column}`;
    const word = severity === 'error' ? out.paint('red', 'error') : out.paint('yellow', 'warning');
    out.note(`${place} ${word} ${message} ${out.paint('dim', `[${code}]`)}`);
  }
}

/** `2 errors, 1 warning` */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = (wanted: Diagnostic['severity']): string => {
    const number = diagnostics.filter(({ severity }) => severity === wanted).length;
    return number === 0 ? '' : `${number} ${wanted}${number === 1 ? '' : 's'}`;
  };
  return [count('error'), count('warning')].filter((text) => text !== '').join(', ');
}
