/** What goes on to the next satellite must be readable there: Python's `json` gives up at 1,000 levels of its own and its caller's. */
const mostDepth = 500;
const quote = 34;
const backslash = 92;

/** Whether a JSON text is nested deeper than 500 levels: what parses need not be writable. */
export function tooDeep(text: string): boolean {
  if (text.length < 2 * mostDepth) return false; // it has no room for so many brackets
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === backslash) at += 1;
      else if (code === quote) isInText = false;
    } else if (code === quote) isInText = true;
    else if (code === 91 || code === 123) {
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (code === 93 || code === 125) depth -= 1;
  }
  return false;
}
