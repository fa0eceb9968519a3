// Random matrices with orthonormal rows or columns.
import type { RandomStream } from '../random/philox.ts';

function norm(vector: Float64Array): number {
  let total = 0;
  for (const value of vector) total += value * value;
  return Math.sqrt(total);
}

/** Takes from `vector` what lies along the first `count` of the orthonormal vectors, four at a time, whose sums do not wait for each other. */
function project(vector: Float64Array, basis: readonly Float64Array[], count: number, nothing: Float64Array): void {
  const { length } = vector;
  for (let j = 0; j < count; j += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => (j + k < count ? basis[j + k]! : nothing)) as [Float64Array, Float64Array, Float64Array, Float64Array];
    let alongA = 0, alongB = 0, alongC = 0, alongD = 0;
    for (let i = 0; i < length; i++) {
      const value = vector[i]!;
      alongA += value * a[i]!;
      alongB += value * b[i]!;
      alongC += value * c[i]!;
      alongD += value * d[i]!;
    }
    for (let i = 0; i < length; i++) vector[i]! -= alongA * a[i]! + alongB * b[i]! + alongC * c[i]! + alongD * d[i]!;
  }
}

/**
 * `count` orthonormal vectors of `length` ≥ `count` numbers: Q of the QR factorization of a Gaussian matrix with a positive
 * diagonal of R, which makes it uniform among all (Mezzadri 2007), by Gram and Schmidt's process, repeated where digits are lost.
 */
export function orthonormalVectors(count: number, length: number, random: RandomStream): Float64Array[] {
  const nothing = new Float64Array(length);
  const basis = Array.from({ length: count }, () => Float64Array.from({ length }, () => random.normal()));
  basis.forEach((vector, k) => {
    let before: number, size = norm(vector);
    do {
      before = size;
      project(vector, basis, k, nothing);
      size = norm(vector);
    } while (size < 0.5 * before);
    for (let i = 0; i < length; i++) vector[i]! /= size;
  });
  return basis;
}
