// The matrix products, single-threaded: own vector kernels where they are measured faster, OpenBLAS elsewhere.
#pragma once

namespace densely {

// C[M,N] = op(A)[M,K] · B[K,N], C overwritten. A is [M,K] with row stride lda, or [K,M] when transposeA.
// `padded`: the lanes of B and C up to the next multiple of 16 of N may be read and written.
// The bits of C follow from the operands and the shape alone, so a tile has the same bits whichever thread computes it.
void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded);

// y[M] = op(A) · x, for contiguous x: A is [M,K] with row stride lda, or [K,M] when transposeA.
void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y);

// Preferred number of lines (of M) in one tile: the unit of parallelism and of fusion. A function of shape alone.
long gemmTileLines(bool transposeA, long M, long N, long K);

// The vector kernels themselves, whatever the choice for a shape; the same arguments. Here a line of C has the same bits in any range of M.
namespace own {
void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded);
void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y);
int vectorLanes();  // floats in a vector of the instruction set chosen
}  // namespace own

// The instruction set chosen at run time: "avx512", "avx2", "neon" or "generic".
const char* isaName();

}  // namespace densely
