// Products of weights and examples read where they lie in a data set: the examples are the broadcast operand, the weights the vectors.
#define DENSELY_KERNELS "gemm_rows.cc"
#include <algorithm>

#include "gemm.h"
#include "transpose.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

constexpr int mostRows = DENSELY_REGISTERS == 32 ? 12 : 6;

// sums[ROWS, VECTORS * lanes] = or += rows · panel over `terms`; lines of both are rowsPanel long.
template <int ROWS, int VECTORS>
static void rowBlock(long terms, const float* const* rows, const float* panel, float* sums, bool add) {
  Vector sum[ROWS][VECTORS] = {};
  const float* row[ROWS];
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) row[r] = rows[r];
  for (long k = 0; k < terms; k++) {
    Vector b[VECTORS];
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) b[v] = load(panel + v * lanes);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const Vector a = all(row[r][k]);
#pragma GCC unroll 2
      for (int v = 0; v < VECTORS; v++) sum[r][v] += a * b[v];
    }
    panel += rowsPanel;
  }
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 2
    for (int v = 0; v < VECTORS; v++) {
      float* s = sums + r * rowsPanel + v * lanes;
      store(s, add ? load(s) + sum[r][v] : sum[r][v]);
    }
}

using RowBlock = void (*)(long terms, const float* const* rows, const float* panel, float* sums, bool add);

template <int VECTORS, int... ROWS>
static RowBlock rowBlockOf(long rows, std::integer_sequence<int, ROWS...>) {
  static constexpr RowBlock table[] = {rowBlock<ROWS + 1, VECTORS>...};
  return table[rows - 1];
}

// At most rowsPanel lines of A, in vectors of a panel: a line of it is one term of them all.
static void panelOfLines(long M, long N, long K, const float* A, long lda, const float* X, long ldx, const int32_t* rows, float* C, long ldc, float* memory) {
  const long depth = gemmDepth(N, K), blocks = (N + mostRows - 1) / mostRows, filled = (M + lanes - 1) / lanes * lanes;
  float *const panel = memory, *const sums = memory + mostDepth * rowsPanel;
  for (long t = 0; M < filled && t < std::min(depth, K); t++) std::memset(panel + t * rowsPanel + M, 0, (size_t)(filled - M) * sizeof(float));
  using Rows = std::make_integer_sequence<int, mostRows>;
  for (long k = 0; k < K; k += depth) {
    const long terms = std::min(depth, K - k);
    transposeBlock(A + k, lda, M, terms, panel, rowsPanel);
    long n = 0;
    for (long remaining = blocks; remaining > 0; remaining--) {
      const long count = (N - n + remaining - 1) / remaining;
      const float* chosen[mostRows];
      for (long r = 0; r < count; r++) chosen[r] = X + (rows ? rows[n + r] : n + r) * ldx + k;
      for (long part = 0; part < filled; part += 2 * lanes)
        (filled - part == lanes ? rowBlockOf<1>(count, Rows()) : rowBlockOf<2>(count, Rows()))(terms, chosen, panel + part, sums + n * rowsPanel + part, k > 0);
      n += count;
    }
  }
  transposeBlock(sums, rowsPanel, N, M, C, ldc);
}

void gemmRows(long M, long N, long K, const float* A, long lda, const float* X, long ldx, const int32_t* rows, float* C, long ldc, float* memory) {
  for (long line = 0; line < M; line += rowsPanel) panelOfLines(std::min(rowsPanel, M - line), N, K, A + line * lda, lda, X, ldx, rows, C + line * ldc, ldc, memory);
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

void gemmRows(long M, long N, long K, const float* A, long lda, const float* X, long ldx, const int32_t* rows, float* C, long ldc, float* memory) {
  static const auto kernel = DENSELY_CHOOSE(gemmRows);
  kernel(M, N, K, A, lda, X, ldx, rows, C, ldc, memory);
}

}  // namespace densely
#endif
