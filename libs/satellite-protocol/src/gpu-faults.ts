import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { Violation } from './violation.ts';

const places = [
  ['resources', 'gpu'],
  ['runtime', 'docker', 'server', 'resources', 'gpu'],
];

/** What is wrong with the graphics cards that a manifest asks for, beyond their shape. Of the file as it is: defaults hide what was given. */
export function gpuFaults(file: JsonObject): readonly Violation[] {
  return places.flatMap((path) => {
    const gpu = at(file, path);
    if (!isJsonObject(gpu) || gpu['count'] === undefined || gpu['device-ids'] === undefined) return [];
    return [
      {
        at: `/${path.join('/')}/count`,
        message: "'count' asks for so many cards, whichever they are, and 'device-ids' for these and no others; take one of them out.",
      },
    ];
  });
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce((inside: Json | undefined, key) => (isJsonObject(inside) ? inside[key] : undefined), value);
}
