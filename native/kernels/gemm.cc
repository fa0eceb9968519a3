// Which product a shape gets, and how its lines are divided into tiles.
#include "gemm.h"

#include <cblas.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace densely {

namespace {

// Neither a minibatch nor a weight gradient: too much of B for the cache, so that packing it pays.
bool wideAndDeep(long N, long K) { return N > 512 && K > 512; }

#if defined(__x86_64__)
// Does OpenBLAS run its AVX-512 kernels? It chooses by processor, and by OPENBLAS_CORETYPE.
bool openblasHasWideVectors() {
  static const bool wide = [] {
    const char* core = openblas_get_corename();
    return std::strcmp(core, "SkylakeX") == 0 || std::strcmp(core, "Cooperlake") == 0 || std::strcmp(core, "SapphireRapids") == 0;
  }();
  return wide;
}
#endif

// OpenBLAS is the general product; our kernels take over where test/native/kernels_test.cc measures them faster. On x86 that is wherever
// B is narrow or shallow, and with AVX-512 beyond: from about 1000 x 1000 OpenBLAS's AVX-512 kernels are 10 to 20 % ahead, but ours are
// 1.4 to 2 times as fast as the AVX2 ones it may have been told to use. Elsewhere nothing is measured: only tiny products are ours.
bool ownIsFaster(long N, long K) {
#if defined(__x86_64__)
  if (own::vectorLanes() == 16) return !(N > 1000 && K > 1000 && openblasHasWideVectors());
  return !wideAndDeep(N, K);
#else
  return N * K <= 1024;
#endif
}

// The serial build of OpenBLAS gives wrong results when two threads are in it: there they take turns.
template <class Call>
void callOpenblas(Call call) {
  static const bool isSerial = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
  static std::mutex turns;
  if (!isSerial) return call();
  const std::lock_guard<std::mutex> turn(turns);
  call();
}

}  // namespace

bool gemmIsOwn(long N, long K) { return ownIsFaster(N, K); }

// A dot costs its terms and a sum over lanes, a column that gemm only pads costs what one costs that is there.
bool prefersDots(long N, long K) {
  const long most = own::vectorLanes() == 16 ? mostDotColumns : 8;
  return N > 1 && N <= most && N * (K + 20) < 11 * K && ownIsFaster(N, K);
}

void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded, const Fetch& fetch, const int32_t* rows) {
  if (M <= 0 || N <= 0) return;
  if (K == 0 || rows || ownIsFaster(N, K)) {
    own::gemm(transposeA, M, N, K, A, lda, B, ldb, C, ldc, padded, fetch, rows);
  } else {
    callOpenblas([&] { cblas_sgemm(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, CblasNoTrans, M, N, K, 1.0f, A, lda, B, ldb, 0.0f, C, ldc); });
  }
}

void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y) {
  if (M <= 0) return;
  if (K == 0 || ownIsFaster(1, K)) {
    own::gemv(transposeA, M, K, A, lda, x, y);
  } else {
    std::memset(y, 0, M * sizeof(float));  // some sgemv read y even where its factor is 0
    callOpenblas([&] { cblas_sgemv(CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeA ? K : M, transposeA ? M : K, 1.0f, A, lda, x, 1, 0.0f, y, 1); });
  }
}

// Tiles are small enough that C is still in the second-level cache for its epilogue beside the part of B in use, large enough to read B
// seldom and to make handing one over cheap (about a microsecond of work), and equally high and even in number, so that teams share them.
long gemmTileLines(bool transposeA, long M, long N, long K) {
  constexpr long cachedFloats = 16384, blockLines = 12, tilesWanted = 8;
  const long leastProducts = N == 1 ? 16384 : 131072;  // one column is at the pace of memory
  const long leastLines = wideAndDeep(N, K) ? 192 : 24;  // every tile reads or packs such a B anew
  const long width = N == 1 || (!transposeA && prefersDots(N, K)) ? N : (N + 15) / 16 * 16;
  const long worthwhile = leastProducts / std::max(1l, width * K) + 1;
  const long cached = std::max(cachedFloats / width, leastLines);
  const long shared = std::max({(M + tilesWanted - 1) / tilesWanted, worthwhile, blockLines});
  long tiles = (M + std::min(cached, shared) - 1) / std::min(cached, shared);
  if (tiles > 1) tiles += tiles % 2;
  return std::max(1l, tiles ? (M + tiles - 1) / tiles : 1);
}

}  // namespace densely
