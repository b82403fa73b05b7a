/** Whether a text seems to hold a placeholder, readable or not. */
export function hasPlaceholder(text: string): boolean {
  return /\$\{\{|\$<</.test(text);
}
