/** One thing wrong with a document or a name. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  /** What was found, what was expected, what to do. */
  readonly message: string;
}

/** A text file of the repository: its path from the root, with `/`. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}
