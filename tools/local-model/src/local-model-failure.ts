/** Why there is no model: a sentence that says what is missing, and how to get it. */
export class LocalModelFailure extends Error {
  override readonly name = 'LocalModelFailure';
}
