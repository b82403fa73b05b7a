import type { SecretSource } from '@exosphere/ports';
import type { FileVault } from '@exosphere/vault';
import type { Config } from './config.ts';
import { environmentSecrets } from './environment-file.ts';
import type { LoadedEnvironment } from './load-cluster.ts';

/** Secrets as attempts get them: environment before vault, where the literals of cluster files are as well (spec 4.4). */
export async function secretSource(
  environment: Pick<LoadedEnvironment, 'environment' | 'path'> | null,
  vault: FileVault,
  variable: Config['variable'],
): Promise<SecretSource> {
  if (environment === null) return vault;
  const { values } = await environmentSecrets(environment.environment, environment.path, variable);
  return {
    open: async (names, options) => {
      const others = names.filter((name) => !values.has(name));
      const opened = new Map(others.length === 0 ? [] : await vault.open(others, options));
      for (const name of names) {
        const value = values.get(name);
        if (value !== undefined) opened.set(name, value);
      }
      return opened;
    },
  };
}
