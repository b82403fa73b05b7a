/** Milliseconds of processor time that a call takes: unlike time on the clock, it is the same on a busy machine. */
export function cpuMilliseconds(call: () => void): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
