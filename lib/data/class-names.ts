// Names of classes and the numbers that stand for them.

/** Numbers names in order of appearance while data is read, then in sorted order. */
export class ClassNames {
  private readonly numbers = new Map<string, number>();

  /** The number of `name` so far, a new one for a name not seen before. */
  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.numbers.size);
    return this.numbers.size - 1;
  }

  /**
   * Returns the names sorted by code units, the same everywhere, and renumbers `labels`, which hold numbers from `numberOf`, by
   * that order.
   */
  sort(labels: Float32Array): string[] {
    const appeared = [...this.numbers.keys()];
    const sorted = appeared.toSorted();
    const position = new Map(sorted.map((name, number) => [name, number]));
    const renumbered = appeared.map((name) => position.get(name)!);
    for (let i = 0; i < labels.length; i++) labels[i] = renumbered[labels[i]!]!;
    return sorted;
  }
}
