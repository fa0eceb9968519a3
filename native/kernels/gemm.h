// The matrix products, single-threaded: own vector kernels where they are measured faster, OpenBLAS elsewhere.
#pragma once
#include <cstdint>

namespace densely {

// What is read beside C once C is there: memory with lines like C's, which is fetched into the caches while C is computed.
struct Fetch {
  static constexpr int most = 4;
  const float* lines[most];
  int count = 0;
  long stride = 0;
};

// C[M,N] = op(A)[M,K] · B[K,N], C overwritten. A is [M,K] with row stride lda, or [K,M] when transposeA.
// `padded`: the lanes of B and C up to the next multiple of 16 of N may be read and written.
// `rows`: row k of B is row rows[k] of the array at B; only without transposeA.
// The bits of C follow from the operands and the shape alone, so a tile has the same bits whichever thread computes it.
void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded, const Fetch& fetch = {}, const int32_t* rows = nullptr);

// y[M] = op(A) · x, for contiguous x: A is [M,K] with row stride lda, or [K,M] when transposeA.
void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y);

constexpr long mostDepth = 512;

// Terms of K, at most mostDepth, that our kernels add up before they go to C: few enough that this part of B stays in the second-level cache while the lines
// go by, unless C is so large that a second pass over it would cost more.
inline long gemmDepth(long N, long K) {
  const long most = K <= 512 || N <= 256 ? mostDepth : 256;
  if (K <= most) return K;
  const long passes = (K + most - 1) / most;
  return (K + passes - 1) / passes;
}

// Whether a product is by our own kernels, which alone can take `rows`.
bool gemmIsOwn(long N, long K);

// Products with few columns are better made of dots: as gemm they would do the work of a whole vector of columns. B and C then have
// paddedLanes floats a line, of which those beyond N have no meaning.
constexpr long paddedLanes = 16, mostDotColumns = 10;

// Whether dots are faster; never for a single column, which is gemv's.
bool prefersDots(long N, long K);

// The columns of B[K,N] one after the other, `ldc` floats from each other: a multiple of 16, and at least K.
void dotColumns(long N, long K, const float* B, float* columns, long ldc);

// C[M,N] = A[M,K] · B[K,N], of the columns of B. A line of C has the same bits in any range of M.
void gemmDots(long M, long N, long K, const float* A, long lda, const float* columns, long ldc, float* C);

// C[M,N] = A[M,K] · Xᵀ for the rows of X[·,K] that `rows` names, or the first N: with the bits of gemm on a feature-major copy of them, which
// this saves. A is packed, rowsPanel lines at a time; `memory` has room for gemmRowsFloats(N) floats.
constexpr long rowsPanel = 32;
void gemmRows(long M, long N, long K, const float* A, long lda, const float* X, long ldx, const int32_t* rows, float* C, long ldc, float* memory);
constexpr long gemmRowsFloats(long N) { return (mostDepth + N) * rowsPanel; }

// Preferred number of lines (of M) in one tile: the unit of parallelism and of fusion. A function of shape alone.
long gemmTileLines(bool transposeA, long M, long N, long K);

// The vector kernels themselves, whatever the choice for a shape; the same arguments. Here a line of C has the same bits in any range of M.
namespace own {
void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded, const Fetch& fetch = {}, const int32_t* rows = nullptr);
void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y);
// Products so small that to choose a block would take longer than to multiply: any shape with K <= 512, with the bits of gemm.
using GemmSmall = void (*)(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, const int32_t* rows);
GemmSmall gemmSmall();
int vectorLanes();  // floats in a vector of the instruction set chosen
}  // namespace own

// The instruction set chosen at run time: "avx512", "avx2", "neon" or "generic".
const char* isaName();

}  // namespace densely
