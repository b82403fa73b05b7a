import type { Json } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';

/**
 * Remembers by identity what an object reads as in text (rule 31): the field that its satellite's manifest names, an error's message,
 * a trigger's time. Forgets with the objects.
 */
export class ObjectTexts {
  readonly #fields = new WeakMap<object, string>();

  /** The object reads as this field of its own. */
  note(object: Json, field: string | null): void {
    if (field !== null && isJsonObject(object)) this.#fields.set(object, field);
  }

  /** The text, or undefined where it reads as compact JSON. */
  readonly textOf = (object: object): string | undefined => {
    const field = this.#fields.get(object);
    if (field === undefined || !Object.hasOwn(object, field)) return undefined;
    const value: unknown = (object as Record<string, unknown>)[field]; // an object that was noted is a JSON object
    return typeof value === 'string' ? value : undefined;
  };
}
