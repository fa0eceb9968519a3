// Rounding to bfloat16: numbers of single precision with 8 bits of fraction, hidden one included.
const single = new Float32Array(1), word = new Uint32Array(single.buffer);

/**
 * Rounds the first `count` values in place, to nearest and ties to even, as processors with AVX512-BF16 do: numbers below the least
 * normal one, 2⁻¹²⁶, become 0, those that round beyond the largest become infinite.
 */
export function roundToBfloat16(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    single[0] = value;
    const bits = word[0]!;
    word[0] = (bits & 0x7f800000) === 0 ? bits & 0x80000000 : (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
    values[i] = single[0]!;
  }
}
