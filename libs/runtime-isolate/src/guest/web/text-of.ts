/** The text of whatever an author gave: the standards convert arguments, whatever their types say. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}
