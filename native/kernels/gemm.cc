// Which product a shape gets, and how its lines are divided into tiles.
#include "gemm.h"

#include <cblas.h>

#include <algorithm>
#include <cstring>

namespace densely {

namespace {

// OpenBLAS is the general product; our kernels take over where test/native/kernels_test.cc measures them faster. On x86 that is wherever
// B is narrow (a minibatch) or shallow (a weight gradient), since they pack nothing; packing pays once B is both wide and deep.
// On other processors nothing is measured, and they are kept for products so small that the cost of a call decides.
bool ownIsFaster(long N, long K) {
#if defined(__x86_64__)
  return N <= 512 || K <= 512;
#else
  return N * K <= 1024;
#endif
}

}  // namespace

void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded) {
  if (M <= 0 || N <= 0) return;
  if (K == 0 || ownIsFaster(N, K)) {
    own::gemm(transposeA, M, N, K, A, lda, B, ldb, C, ldc, padded);
  } else {
    cblas_sgemm(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, CblasNoTrans, M, N, K, 1.0f, A, lda, B, ldb, 0.0f, C, ldc);
  }
}

void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y) {
  if (M <= 0) return;
  if (K == 0 || ownIsFaster(1, K)) {
    own::gemv(transposeA, M, K, A, lda, x, y);
  } else {
    std::memset(y, 0, M * sizeof(float));  // some sgemv read y even where its factor is 0
    cblas_sgemv(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeA ? K : M, transposeA ? M : K, 1.0f, A, lda, x, 1, 0.0f, y, 1);
  }
}

// Tiles are small enough that C is still in the second-level cache for its epilogue beside the part of B in use, large enough that handing
// one over costs little (about a microsecond of work), and equally high and even in number, so that teams share them evenly.
long gemmTileLines(bool, long M, long N, long K) {
  constexpr long cachedFloats = 16384, leastProducts = 131072, tilesWanted = 8;
  const long leastLines = ownIsFaster(N, K) ? 24 : 192;  // OpenBLAS packs B anew for every tile
  const long width = N == 1 ? 1 : (N + 15) / 16 * 16;
  const long worthwhile = leastProducts / std::max(1l, width * K) + 1;
  const long cached = std::max(cachedFloats / width, leastLines);
  const long shared = std::max((M + tilesWanted - 1) / tilesWanted, worthwhile);
  long tiles = (M + std::min(cached, shared) - 1) / std::min(cached, shared);
  if (tiles > 1) tiles += tiles % 2;
  return std::max(1l, tiles ? (M + tiles - 1) / tiles : 1);
}

}  // namespace densely
