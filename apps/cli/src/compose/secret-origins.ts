import type { Plan } from '@exosphere/model';
import type { FileVault } from '@exosphere/vault';
import type { Config } from './config.ts';
import { environmentSecrets } from './environment-file.ts';
import type { LoadedCluster } from './load-cluster.ts';

/** Where the value of a secret comes from; `missing` says why there is none. */
export type SecretOrigin = { readonly kind: 'environment' | 'file' | 'vault' } | { readonly kind: 'missing'; readonly why: string };

/** Where each secret of a plan comes from: environment, then cluster file, then vault (spec 4.4). No value is opened. */
export async function secretOrigins(
  { environment, literalSecrets }: Pick<LoadedCluster, 'environment' | 'literalSecrets'>,
  { plan, vault, variable }: { readonly plan: Plan; readonly vault: FileVault; readonly variable: Config['variable'] },
): Promise<ReadonlyMap<string, SecretOrigin>> {
  const fromEnvironment = environment === null ? null : await environmentSecrets(environment.environment, environment.path, variable);
  const [project] = plan.identifier.split('/');
  const inVault = (await vault.list()).filter(
    (note) => note.project === project && (note.cluster === null || note.cluster === plan.identifier),
  );
  const originOf = (name: string): SecretOrigin => {
    if (fromEnvironment?.values.has(name) === true) return { kind: 'environment' };
    if (Object.hasOwn(literalSecrets, name)) return { kind: 'file' };
    if (inVault.some((note) => note.name === name)) return { kind: 'vault' };
    return { kind: 'missing', why: fromEnvironment?.missing.get(name) ?? 'it is set nowhere' };
  };
  return new Map(secretNames(plan).map((name) => [name, originOf(name)]));
}

/** The secrets that the steps of a plan are granted. */
function secretNames(plan: Plan): readonly string[] {
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  return [...new Set([...plan.secrets, ...steps.flatMap(({ grants }) => grants)])].sort();
}
