import type { Json, TemplateNode } from '@exosphere/model';
import type { SchemaView } from './schema-view.ts';
import type { Viewer } from './viewer.ts';
import type { Place } from '../read/report.ts';

/** What is known of a value that only a run gives. */
export type Hole = 'any' | 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/**
 * What a config or input would look like, as far as the file says: placeholders are replaced by an example of their type. Paths are
 * JSON pointers into it.
 */
export interface Specimen {
  /** Where values stand that only a run gives. */
  readonly holes: Map<string, Hole>;
  /** Lists and mappings that a run may make longer than they are here. */
  readonly open: Set<string>;
  /** Where in the file each value stands. */
  readonly places: Map<string, Place>;
}

export function newSpecimen(): Specimen {
  return { holes: new Map(), open: new Set(), places: new Map() };
}

/** A value of a file, as the plan keeps it and as a schema sees it. */
export interface Shaped {
  readonly node: TemplateNode;
  readonly example: Json;
  /** It is one placeholder and nothing else. */
  readonly isPlaceholder?: boolean;
}

/** Where a value stands, and what is wanted there. */
export interface Spot {
  readonly at: string;
  /** JSON pointer into the specimen. */
  readonly pointer: string;
  readonly view: SchemaView;
}

/** What the shaping of one config or input needs throughout. */
export interface Shaping {
  readonly viewer: Viewer;
  readonly specimen: Specimen;
}

/** The pointer of a part. */
export function pointerTo(pointer: string, part: string | number): string {
  return `${pointer}/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
