import type { BlobRegister, BlobStore } from '@exosphere/ports';

/**
 * A store whose writes are known to the ledger: first the bytes, then the row, so that a row never stands for bytes that are not there.
 *
 * @param host the id of the store, where one host has it
 */
export function registeredBlobStore(store: BlobStore, register: BlobRegister, host: string | null): BlobStore {
  return {
    ...store,
    write: async (project, content, options) => {
      const written = await store.write(project, content, options);
      await register.recordBlob(project, { ...written, host });
      return written;
    },
  };
}
