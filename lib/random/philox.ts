// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
// A draw is a pure function of key and counter, so any part of a stream can be made anywhere, in any order.

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + (middle2 >>> 16)) >>> 0;
}

/** Writes the four 32-bit words of counter (c0..c3) under key (k0, k1) to `out`. */
export function philox(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0), low0 = Math.imul(M0, c0);
    const high1 = multiplyHigh(M1, c2), low1 = Math.imul(M1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A sequential reader of one Philox stream. `seed` is a non-negative safe integer, `stream` tells users of one seed apart. */
export class RandomStream {
  private readonly words = new Uint32Array(4);
  private used = 4;
  private counter = 0;
  private readonly keyLow: number;
  private readonly keyHigh: number;
  private readonly stream: number;
  private readonly part: number;

  constructor(seed: number, stream: number, part = 0) {
    this.keyLow = seed >>> 0;
    this.keyHigh = Math.floor(seed / 2 ** 32) >>> 0;
    this.stream = stream;
    this.part = part;
  }

  /** The next unsigned 32-bit integer. */
  next(): number {
    if (this.used === 4) {
      philox(this.words, this.counter >>> 0, Math.floor(this.counter / 2 ** 32), this.part, this.stream, this.keyLow, this.keyHigh);
      this.counter++;
      this.used = 0;
    }
    return this.words[this.used++]!;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return (this.next() * 2 ** 21 + (this.next() >>> 11)) / 2 ** 53;
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Uniform integer in [0, bound), without bias (rejection; bound at most 2^32). */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = this.next();
    while (word >= limit) word = this.next();
    return word % bound;
  }
}

/** Streams by purpose: the same seed never gives two purposes the same numbers. */
export const streams = { weights: 1, order: 2, split: 3, draws: 4, sample: 5, members: 6, bootstrap: 7, pretraining: 8, files: 9, buffer: 10, folds: 11, foldSeeds: 12, trials: 13, trialSeeds: 14 } as const;
