// Decimal numbers straight from bytes, equal to Math.fround(Number(text)) for every decimal text.

/** Powers of ten that a double holds exactly. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const MINUS = 45, PLUS = 43, POINT = 46, LOWER_E = 101, UPPER_E = 69;

/** Digits whose value always fits a double exactly: 10^15 is below 2^53. */
const EXACT_DIGITS = 15;

/**
 * The single-precision value of the decimal number in `bytes[from, to)`, or NaN where those bytes are not one: an optional
 * sign, digits with at most one point, an optional exponent. Infinite where it is too large for single precision.
 *
 * A mantissa below 2^53 times or over a power of ten up to 10^22 is one correctly rounded operation (Clinger, "How to read
 * floating point numbers accurately", 1990). Of longer mantissas the first 15 digits give a lower and an upper bound; where both
 * round to the same float, so does what lies between. Only the rest, about one in a million, goes through Number().
 */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const digitsFrom = at;
  let mantissa = 0, significant = 0, exponent = 0, points = 0, cut = false;
  for (; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      if (significant < EXACT_DIGITS) {
        mantissa = mantissa * 10 + digit;
        if (mantissa > 0) significant++;
        exponent -= points;
      } else {
        cut ||= digit > 0;
        exponent += 1 - points;
      }
    } else if (bytes[at] === POINT && points === 0) {
      points = 1;
    } else {
      break;
    }
  }
  if (at - digitsFrom === points) return NaN;
  if (at < to) {
    if (bytes[at] !== LOWER_E && bytes[at] !== UPPER_E) return NaN;
    const written = parseExponent(bytes, at + 1, to);
    if (Number.isNaN(written)) return NaN;
    exponent += written;
  }
  let value = scaled(mantissa, exponent);
  if (Number.isNaN(value) || (cut && Math.fround(value) !== Math.fround(scaled(mantissa + 1, exponent)))) {
    value = Math.abs(Number(latin1(bytes, from, to)));
  }
  return Math.fround(sign === MINUS ? -value : value);
}

/** mantissa · 10^exponent, correctly rounded, or NaN where one operation cannot tell. */
function scaled(mantissa: number, exponent: number): number {
  if (exponent < -22 || exponent > 22) return mantissa === 0 ? 0 : NaN;
  return exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent]! : mantissa * POWERS_OF_TEN[exponent]!;
}

function parseExponent(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS;
  const digitsFrom = negative || bytes[from] === PLUS ? from + 1 : from;
  if (digitsFrom >= to) return NaN;
  let exponent = 0;
  for (let at = digitsFrom; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return NaN;
    exponent = Math.min(exponent * 10 + digit, 1e9);
  }
  return negative ? -exponent : exponent;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
