export type { FilesGateway } from './files-gateway.ts';
export { startFilesGateway } from './files-gateway.ts';
export type { Answer, Line, SatelliteProcess } from './satellite-process.ts';
export { nonceOf, startSatellite } from './satellite-process.ts';
