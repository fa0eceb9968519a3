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
// Distance of panels and of rows of so many pairs, in pairs: an odd number of cache lines, so that neighbours do not contend for the
// same place in the cache.
inline long panelStride(long pairs) { return (pairs | 1) * panelLines; }
inline long rowStride(long pairs) { return ((pairs + 15) / 16 | 1) * 16; }
// Numbers of 32 bits that an operand takes in panels.
inline long panelsLength(long lines, long terms) { return (lines + panelLines - 1) / panelLines * panelStride(pairsOf(terms)); }

// A packed operand whose pairs are read one at a time: line l is `data + l / 16 * panel + l % 16 * line`, its pairs `pair` apart.
struct Lines {
  const uint32_t* data;
  long panel, line, pair;
};
inline Lines inPanels(const uint32_t* data, long pairs) { return {data, panelStride(pairs), 1, panelLines}; }
inline Lines inRows(const uint32_t* data, long pairs) { return {data, panelLines * rowStride(pairs), rowStride(pairs), 1}; }

// X[lines, terms] with row stride ldx, in panels or in rows.
void packPanels(long lines, long terms, const float* X, long ldx, uint32_t* panels);
void packRows(long lines, long terms, const float* X, long ldx, uint32_t* rows);
// Pairs [begin, end) of the transpose of X[terms, lines] with row stride ldx, in panels.
void packTransposed(long lines, long terms, const float* X, long ldx, uint32_t* panels, long begin, long end);

// Matrices of the size of C, with row stride `stride`, that are read right after the product: fetched into the second-level cache meanwhile.
struct Ahead {
  const float* const* matrices;
  long count, stride;
};

// C[M,N] = A · Bᵀ over `pairs` pairs, for B in panels. A line of C has the same bits in any product it is part of.
void multiply(long M, long N, long pairs, const Lines& A, const uint32_t* B, float* C, long ldc, const Ahead& ahead);

}  // namespace densely::bfloat16
