import { ExosphereError } from '@exosphere/model';

/** A satellite's package cannot be used as it is: its manifest or its code is wrong. The message names every problem with its place. */
export class BundleFailure extends ExosphereError {
  readonly problems: readonly string[];

  constructor(folder: string, problems: readonly string[], options: { readonly cause?: unknown } = {}) {
    super(
      'satellite-invalid',
      `The satellite in '${folder}' cannot be built:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      options,
    );
    this.problems = problems;
  }
}
