// Numbers of 16 bits, as model files hold them, as single-precision numbers.

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const word = new Uint32Array(1), single = new Float32Array(word.buffer);

/** bfloat16: the upper half of a number of single precision. */
export function fromBfloat16(bits: number): number {
  word[0] = bits << 16;
  return single[0]!;
}
