/** A place where two texts differ. */
export interface Change {
  /** Unique among the changes of two texts. */
  readonly place: string;
  readonly text: string;
}

/** The changes in what `diff -U 0` prints, each as soon as it is complete. */
export async function* changesIn(lines: AsyncIterable<string>): AsyncGenerator<Change> {
  let place: string | null = null;
  let text = '';
  for await (const line of lines) {
    const [, next] = /^@@ (.*) @@/.exec(line) ?? [];
    if (next === undefined) {
      if (/^[-+]/.test(line)) text += `${line}\n`;
      continue;
    }
    if (place !== null) yield { place, text };
    place = next;
    text = ''; // also what stood before the first place: the names of the files
  }
  if (place !== null) yield { place, text };
}
