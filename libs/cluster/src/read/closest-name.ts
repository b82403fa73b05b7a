/** The candidate that `found` was most likely meant to be, or undefined where none is close. Case does not count. */
export function closestName(found: string, candidates: Iterable<string>): string | undefined {
  const wanted = found.toLowerCase();
  const most = mostEdits(wanted.length);
  let best: string | undefined;
  let fewest = most + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue;
    const edits = editDistance(wanted, candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** The hint as the particulars of a diagnostic: none where nothing is close. */
export function hintOf(found: string, candidates: Iterable<string>): { readonly hint?: string } {
  const hint = closestName(found, candidates);
  return hint === undefined ? {} : { hint };
}

/** The end of a message: ` Did you mean 'a'?`, or what is known. */
export function didYouMean(hint: string | undefined, known: readonly string[] = []): string {
  if (hint !== undefined) return ` Did you mean '${hint}'?`;
  return known.length === 0 ? '' : ` Known: ${listed(known)}.`;
}

/** Names as a message lists them: a long list is cut, and says so. */
export function listed(names: readonly string[]): string {
  const most = 20;
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** One typing error for a short word, two for a longer one: more, and the hint would be a guess. */
function mostEdits(length: number): number {
  if (length < 7) return 1;
  return length < 12 ? 2 : 3;
}

/** Edits (insert, delete, replace, swap two neighbours) that make one text of the other: Damerau-Levenshtein, restricted. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
      row.push(edits);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
