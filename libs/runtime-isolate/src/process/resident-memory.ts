import { readFileSync } from 'node:fs';

/** Bytes of memory that a process holds, or null where the system does not tell (it has ended, or this is no Linux). */
export function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null; // the process ended between two looks
  }
}
