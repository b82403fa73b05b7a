import type { Call } from '../command/command.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import type { Output } from '../output/output.ts';
import type { Finding } from '../doctor/finding.ts';

/** `exo doctor` */
export async function doctorCommand({ config, out }: Call): Promise<ExitCode> {
  const findings = await checkMachine(config);
  const isWell = findings.every(({ state }) => state !== 'bad');
  if (out.isJson) out.json({ ok: isWell, findings });
  else for (const finding of findings) printFinding(finding, out);
  return isWell ? exitCodes.ok : exitCodes.unavailable;
}

function printFinding({ what, state, found, advice }: Finding, out: Output): void {
  const mark = { good: out.paint('green', '✓'), missing: out.paint('yellow', '–'), bad: out.paint('red', '✗') }[state];
  out.line(`${mark} ${what.padEnd(12)} ${found}`);
  if (advice !== null) out.line(`  ${' '.repeat(12)} ${out.paint('dim', advice)}`);
}
