export type { FileBlobStore } from './file-blob-store.ts';
export { createFileBlobStore } from './file-blob-store.ts';
export { requireSameStore } from './store-id.ts';
export { registeredBlobStore } from './registered-blob-store.ts';
