// Shuffling. Every epoch shuffles all examples while the steps of the epoch before run, so it must take no core away from them:
// its numbers come from a small sequential generator that Philox seeds.
import { philox } from './philox.ts';

/** The generator sfc32 (C. Doty-Humphrey, PractRand), started from Philox. */
class SmallFastCounter {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream: number, part: number) {
    const words = new Uint32Array(4);
    philox(words, part >>> 0, Math.floor(part / 2 ** 32), 0, stream, seed >>> 0, Math.floor(seed / 2 ** 32));
    [this.a, this.b, this.c] = [words[0]! | 0, words[1]! | 0, words[2]! | 0];
    for (let i = 0; i < 12; i++) this.next();
  }

  /** The next 32 bits, as a signed integer. */
  next(): number {
    const { a, b, c } = this;
    const result = (a + b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = b ^ (b >>> 9);
    this.b = (c + (c << 3)) | 0;
    this.c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result;
  }
}

/** Shuffles in place (Fisher-Yates): a function of seed, stream and part alone. At most 2^31 items. */
export function shuffle(items: Int32Array, seed: number, stream: number, part = 0): void {
  const random = new SmallFastCounter(seed, stream, part);
  for (let i = items.length - 1; i > 0; i--) {
    // Uniform in 0..i without bias: as many bits as i has, until the number is not too large.
    const mask = 0xffffffff >>> Math.clz32(i);
    let j = random.next() & mask;
    while (j > i) j = random.next() & mask;
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
}
