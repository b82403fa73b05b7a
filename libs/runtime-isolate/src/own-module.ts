/** The URL of another module of this package, as source (`.ts`) or as it is published (`.js`). */
export function ownModule(path: string): URL {
  return new URL(`${path}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
