import type { Call } from '../command/command.ts';
import { loadCluster } from '../compose/load-cluster.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import { countDiagnostics, printDiagnostics } from '../output/print-diagnostics.ts';

/** `exo validate` */
export async function validateCommand({ operands: [file = ''], options, config, out }: Call): Promise<ExitCode> {
  const { diagnostics, plan, digest } = await loadCluster(file, { config, environment: options.text('env') });
  const isValid = plan !== null;
  if (out.isJson) out.json({ file, valid: isValid, revision: digest, diagnostics });
  else {
    printDiagnostics(diagnostics, file, out);
    const counted = countDiagnostics(diagnostics);
    const verdict = isValid ? out.paint('green', 'valid') : out.paint('red', 'invalid');
    out.line(`${file}: ${verdict}${counted === '' ? '' : `, ${counted}`}`);
  }
  return isValid ? exitCodes.ok : exitCodes.invalid;
}
