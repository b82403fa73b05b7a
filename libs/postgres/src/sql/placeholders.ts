/** `$from, $from+1, …`: the parameters of a call of one of our functions. */
export function placeholders(count: number, from = 1): string {
  return Array.from({ length: count }, (_, i) => `$${from + i}`).join(', ');
}
