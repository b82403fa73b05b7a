import { describePlan } from '@exosphere/cluster';
import { openFileVault } from '@exosphere/vault';
import type { Call } from '../command/command.ts';
import { loadCluster } from '../compose/load-cluster.ts';
import { secretOrigins } from '../compose/secret-origins.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import { countDiagnostics, printDiagnostics } from '../output/print-diagnostics.ts';
import { printPlan } from '../output/print-plan.ts';
import { templatesOf } from '../plan/templates-of.ts';

/** `exo plan` */
export async function planCommand({ operands: [file = ''], options, config, out }: Call): Promise<ExitCode> {
  const loaded = await loadCluster(file, { config, environment: options.text('env') });
  const { plan, diagnostics, digest, environment } = loaded;
  if (plan === null) {
    if (out.isJson) out.json({ file, valid: false, diagnostics });
    printDiagnostics(diagnostics, file, out);
    out.note(`${file}: ${out.paint('red', 'invalid')}, ${countDiagnostics(diagnostics)}`);
    return exitCodes.invalid;
  }
  const description = describePlan(plan);
  const templates = templatesOf(plan);
  const origins = await secretOrigins(loaded, { plan, vault: openFileVault({ folder: config.stateFolder }), variable: config.variable });
  if (out.isJson) {
    const { shown = null, substitutions = [] } = environment ?? {};
    const secrets = description.secrets.map((secret) => ({ ...secret, from: origins.get(secret.name) ?? null }));
    out.json({
      file,
      valid: true,
      revision: digest,
      environment: shown,
      substitutions,
      ...description,
      secrets,
      templates,
      diagnostics,
      plan,
    });
  } else {
    printDiagnostics(diagnostics, file, out);
    printPlan({ plan, digest: digest ?? '', environment, description, templates, origins }, out);
  }
  return exitCodes.ok;
}
