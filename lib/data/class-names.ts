// Names of classes and the numbers that stand for them.

/** Numbers names in order of appearance while data is read, then in sorted order. */
export class ClassNames {
  readonly known = false;
  private readonly numbers = new Map<string, number>();

  /** The number of `name` so far, a new one for a name not seen before. */
  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.numbers.size);
    return this.numbers.size - 1;
  }

  /**
   * Returns the names sorted by code units, the same everywhere, and renumbers by that order the `labels`: every `stride`-th of
   * them is a number from `numberOf`.
   */
  sort(labels: Float32Array, stride = 1): string[] {
    const appeared = [...this.numbers.keys()];
    const sorted = appeared.toSorted();
    const position = new Map(sorted.map((name, number) => [name, number]));
    const renumbered = appeared.map((name) => position.get(name)!);
    for (let i = 0; i < labels.length; i += stride) labels[i] = renumbered[labels[i]!]!;
    return sorted;
  }
}

/** Names given beforehand, numbered by their position. */
export class KnownClasses {
  readonly known = true;
  readonly names: readonly string[];
  private readonly numbers: ReadonlyMap<string, number>;

  constructor(names: readonly string[]) {
    this.names = names;
    this.numbers = new Map(names.map((name, number) => [name, number]));
  }

  /** The number of `name`, or -1 for a name that was not given. */
  numberOf(name: string): number {
    return this.numbers.get(name) ?? -1;
  }
}
