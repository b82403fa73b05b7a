export type { FileVault, SecretNote } from './file-vault.ts';
export { openFileVault } from './file-vault.ts';
export type { SecretPlace } from './secret-place.ts';
