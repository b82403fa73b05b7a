import type { BaseImage } from '@exosphere/testkit';

/** How the image of a name is made where no registry has it. */
export interface StandIn {
  readonly name: BaseImage;
  /** What must be there to make it. */
  readonly needs: readonly Program[];
  /** Lines of a Dockerfile. */
  readonly changes: readonly string[];
  /** Fills an empty folder with the root of the image. */
  readonly fill: (folder: string) => Promise<void>;
}

/** A program, with the package of Debian that brings it. */
export interface Program {
  readonly name: string;
  readonly debianPackage: string;
}

/** What is wrong with the machine, as a sentence that says what to do. */
export class CannotMakeImage extends Error {
  override readonly name = 'CannotMakeImage';
}
