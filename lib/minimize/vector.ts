// Arithmetic on vectors in double precision.

/** Σ aᵢ bᵢ */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The largest |aᵢ|; NaN where one is NaN. */
export function maxNorm(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]!));
  return largest;
}

/** target ← target + factor · a */
export function addScaled(target: Float64Array, factor: number, a: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * a[i]!;
}

/** target ← x + factor · a */
export function writeSum(target: Float64Array, x: Float64Array, factor: number, a: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = x[i]! + factor * a[i]!;
}

/** target ← factor · a */
export function writeScaled(target: Float64Array, factor: number, a: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = factor * a[i]!;
}
