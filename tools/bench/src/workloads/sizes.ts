/** Sizes of the workloads: the same for all contenders. */
export const fanOutItems = 5_000;
export const fanOutSteps = 3;
export const fanOutTotal = 1 + fanOutItems * fanOutSteps;

export const chainSteps = 50;
/** Chains of one measurement, one after another. */
export const chainRepeats = 3;

export const fanInItems = 10_000;
export const fanInOuter = 1_000;
export const fanInInner = 10;

export const containerItems = 5_000;
/** Requests one after another, for the median of one. */
export const containerRoundTrips = 200;
export const containerColdStarts = 5;
