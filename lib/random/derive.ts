// Seeds that follow from a seed.
import { RandomStream } from './philox.ts';

/** Seed number `part` of a stream: 53 bits, so that those of neighbouring seeds have nothing in common. */
export function derivedSeed(seed: number, stream: number, part: number): number {
  const random = new RandomStream(seed, stream, part);
  return (random.next() >>> 11) * 2 ** 32 + random.next();
}
