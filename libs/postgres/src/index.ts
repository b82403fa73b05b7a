export type { EmbeddedConnection } from './embedded/connection-file.ts';
export { connectEmbedded } from './embedded/connect-embedded.ts';
export type { ConnectEmbeddedOptions, EmbeddedDatabase } from './embedded/connect-embedded.ts';
export { doctorEmbedded } from './embedded/doctor-embedded.ts';
export type { EmbeddedFacts } from './embedded/doctor-embedded.ts';
export { EmbeddedDatabaseError } from './embedded/embedded-database-error.ts';
export type { EmbeddedDatabaseCode } from './embedded/embedded-database-error.ts';
export type { EmbeddedProgress, OnProgress } from './embedded/embedded-progress.ts';
export { removeEmbedded } from './embedded/remove-embedded.ts';
