// Draws for fuzzing: a case is a function of the seed and its number alone.

/** A small generator of 32 bits (mulberry32). */
export class Draws {
  private state: number;

  constructor(seed: number, number: number) {
    this.state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
    this.next();
  }

  /** A whole number of 32 bits. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return limit <= 0 ? 0 : this.next() % limit;
  }

  /** True once in `times` draws. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  /** Small as a rule, now and then large. */
  count(most: number): number {
    return Math.min(most, this.once(16) ? this.below(most) + 1 : this.below(8) + 1);
  }
}
