/** Chance that can be had again: the same seed gives the same numbers. */
export interface SeededRandom {
  /** A number in [0, 1). */
  next(): number;
  bytes(length: number): Uint8Array;
  /** True with this probability. Of what never or always happens no number is drawn. */
  happens(probability: number): boolean;
}

/** The generator sfc32 of PractRand: 128 bits of state, of which the seed fills 32. */
export function seededRandom(seed: number): SeededRandom {
  let [a, b, c, counter] = [0, 0, seed | 0, 1];
  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i += 1) word(); // until every bit of the seed has reached all of the state
  const next = (): number => word() / 4_294_967_296;
  return {
    next,
    bytes: (length) => Uint8Array.from({ length }, () => word() >>> 24),
    happens: (probability) => probability >= 1 || (probability > 0 && next() < probability),
  };
}
