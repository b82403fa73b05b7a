import { readFileSync, readlinkSync } from 'node:fs';

/** The process that containers belong to, so that another one can tell whether it still lives. */
export interface Owner {
  /** As a label and as the name of a folder. */
  readonly id: string;
  /** `unknown`: it is one of another host, or of a container, whose processes cannot be seen from here. */
  standing(id: string): 'ours' | 'alive' | 'dead' | 'unknown';
}

/** When a process started, in clock ticks since the boot; null: there is none of that number. */
function startOf(pid: string): string | null {
  try {
    // the name in brackets may hold anything, so the fields are counted behind it
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Which processes can be seen from here: those of this boot and of this namespace. */
function sightOf(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '').slice(0, 12);
    const namespace = /\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/pid'))?.[1] ?? '0';
    return `${boot}.${namespace}`;
  } catch {
    return `elsewhere.${process.platform}`; // no Linux: nobody's life can be told
  }
}

/** This process as an owner: boot, namespace, number and start tell it from every other one. */
export function thisProcess(): Owner {
  const sight = sightOf();
  const id = `${sight}.${process.pid}.${startOf(String(process.pid)) ?? '0'}`;
  const [boot] = sight.split('.');
  return {
    id,
    standing(other) {
      if (other === id) return 'ours';
      const [otherBoot, namespace, pid = '', start] = other.split('.');
      if (`${otherBoot}.${namespace}` !== sight || boot === 'elsewhere') return 'unknown';
      return startOf(pid) === start ? 'alive' : 'dead';
    },
  };
}
