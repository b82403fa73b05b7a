/** A part of a document. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list-item'; readonly text: string }
  /** The first row is the header. Every row has a cell for each column. */
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] };
