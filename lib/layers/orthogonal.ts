// Random matrices with orthonormal rows or columns.
import type { RandomStream } from '../random/philox.ts';

const dot = (a: Float64Array, b: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
};

/** Takes from `vector` what lies along the first `count` of the orthonormal vectors. */
function project(vector: Float64Array, basis: readonly Float64Array[], count: number): void {
  for (let j = 0; j < count; j++) {
    const other = basis[j]!, along = dot(vector, other);
    for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
  }
}

/**
 * `count` orthonormal vectors of `length` ≥ `count` numbers: Q of the QR factorization of a Gaussian matrix with a positive
 * diagonal of R, which makes it uniform among all (Mezzadri 2007), by Gram and Schmidt's process, repeated where digits are lost.
 */
export function orthonormalVectors(count: number, length: number, random: RandomStream): Float64Array[] {
  const basis = Array.from({ length: count }, () => Float64Array.from({ length }, () => random.normal()));
  basis.forEach((vector, k) => {
    let before: number, norm = Math.sqrt(dot(vector, vector));
    do {
      before = norm;
      project(vector, basis, k);
      norm = Math.sqrt(dot(vector, vector));
    } while (norm < 0.5 * before);
    for (let i = 0; i < length; i++) vector[i]! /= norm;
  });
  return basis;
}
