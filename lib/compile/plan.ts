// The memory plan of the scratch region: values whose lifetimes do not meet share memory.

/** A value that needs memory from phase `first` to phase `last`, both included. */
export interface Lifetime { readonly length: number; readonly first: number; last: number }

/** Places every value; larger ones first, each at the lowest offset that is free during its life. */
export function planMemory(values: readonly Lifetime[]): { offsets: number[]; total: number } {
  const offsets = new Array<number>(values.length).fill(0);
  const placed: number[] = [];
  let total = 0;
  const bySize = values.map((_, i) => i).sort((a, b) => values[b]!.length - values[a]!.length || a - b);
  for (const i of bySize) {
    const value = values[i]!;
    const neighbours = placed
      .filter((j) => values[j]!.first <= value.last && value.first <= values[j]!.last)
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let offset = 0;
    for (const j of neighbours) {
      if (offset + value.length <= offsets[j]!) break;
      offset = Math.max(offset, offsets[j]! + values[j]!.length);
    }
    offsets[i] = offset;
    total = Math.max(total, offset + value.length);
    placed.push(i);
  }
  return { offsets, total };
}
