/** What a running server says of itself in `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | null;
  readonly status: ServerStatus;
}

export type ServerStatus = 'starting' | 'ready' | 'stopping';

/**
 * Reads `postmaster.pid`: the process, data directory, start time, port, socket folder, address, shared memory and status, a line each.
 * The server writes the later lines as it gets there. Null: no server wrote this.
 */
export function parsePostmasterFile(text: string): PostmasterFile | null {
  const lines = text.split('\n').map((line) => line.trim());
  // A negative number is a server for one user alone (`postgres --single`).
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isInteger(pid) || pid === 0) return null;
  const port = Number.parseInt(lines[3] ?? '', 10);
  return { pid, port: Number.isInteger(port) && port > 0 ? port : null, status: statusOf(lines[7]) };
}

function statusOf(line: string | undefined): ServerStatus {
  if (line === 'ready' || line === 'standby') return 'ready';
  return line === 'stopping' ? 'stopping' : 'starting';
}
