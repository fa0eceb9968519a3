// Matrix products of operands rounded to bfloat16, summed in single precision, on processors with AVX512-BF16.
//
// The instructions round to nearest even, take denormal numbers for zero, and add the two products of a pair of terms one after the
// other, each with one rounding. An operand is packed once and read many times, as pairs: two neighbouring terms of a line in 32 bits,
// the second half of an odd last pair being zero. Pairs lie in panels, [panels of 16 lines][pairs][16 lines] with zeros for missing
// lines, or in rows, [lines][pairs].
#pragma once
#include <cstdint>

namespace densely::bfloat16 {

constexpr long panelLines = 16;

// Does this processor have the instructions? Nothing below may be called where it does not.
bool available();

inline long pairsOf(long terms) { return (terms + 1) / 2; }
// Numbers of 32 bits that an operand takes in panels.
inline long panelsLength(long lines, long terms) { return (lines + panelLines - 1) / panelLines * panelLines * pairsOf(terms); }
// Distance of rows: an odd number of cache lines, so that neighbouring rows do not contend for the same place in the cache.
inline long rowStride(long terms) { return ((pairsOf(terms) + 15) / 16 | 1) * 16; }

// A packed operand whose pairs are read one at a time: line l is `data + l / 16 * panel + l % 16 * line`, its pairs `pair` apart.
struct Lines {
  const uint32_t* data;
  long panel, line, pair;
};
inline Lines inPanels(const uint32_t* data, long terms) { return {data, panelLines * pairsOf(terms), 1, panelLines}; }
inline Lines inRows(const uint32_t* data, long terms) { return {data, panelLines * rowStride(terms), rowStride(terms), 1}; }

// X[lines, terms] with row stride ldx, in panels or in rows.
void packPanels(long lines, long terms, const float* X, long ldx, uint32_t* panels);
void packRows(long lines, long terms, const float* X, long ldx, uint32_t* rows);
// Pairs [begin, end) of the transpose of X[terms, lines] with row stride ldx, in panels.
void packTransposed(long lines, long terms, const float* X, long ldx, uint32_t* panels, long begin, long end);

// C[M,N] = A · Bᵀ over `pairs` pairs, for B in panels. A line of C has the same bits in any product it is part of.
void multiply(long M, long N, long pairs, const Lines& A, const uint32_t* B, float* C, long ldc);

}  // namespace densely::bfloat16
