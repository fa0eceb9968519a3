// Products with few columns: a vector of partial sums for every line of A and column of B, which are read along their terms.
#define DENSELY_KERNELS "gemm_dots.cc"
#include "gemm.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

// Lines of A at once: as many as leave registers for one of each and a column of B.
constexpr int dotLinesAtOnce(int columns) {
  const int sums = DENSELY_REGISTERS == 32 ? 24 : 12;
  return columns > sums ? 1 : sums / columns > 8 ? 8 : sums / columns;
}

// Lane i becomes the sum over the lanes of sum[i], for COUNT <= lanes: pairs of vectors are folded into one until one is left.
template <int COUNT, int DISTANCE = 1>
DENSELY_INLINE Vector sumsOverLanes(const Vector* sum) {
  using Lanes = std::make_integer_sequence<int, lanes>;
  if constexpr (DISTANCE == lanes) {
    return sum[0];
  } else {
    constexpr int half = (COUNT + 1) / 2;
    Vector folded[half];
#pragma GCC unroll 8
    for (int i = 0; i < half; i++) {
      Vector low = sum[2 * i], high = 2 * i + 1 < COUNT ? sum[2 * i + 1] : low;
      exchange<DISTANCE>(low, high, Lanes());
      folded[i] = low + high;
    }
    return sumsOverLanes<half, 2 * DISTANCE>(folded);
  }
}

template <int COLUMNS>
DENSELY_INLINE void storeSums(const Vector* sum, float* c) {
  store(c, sumsOverLanes<(COLUMNS < lanes ? COLUMNS : lanes)>(sum));
  if constexpr (COLUMNS > lanes) storeSums<COLUMNS - lanes>(sum + lanes, c + lanes);
}

template <int LINES, int COLUMNS>
static void dots(long K, const float* A, long lda, const float* columns, long ldc, float* C) {
  Vector sum[LINES][COLUMNS] = {};
  for (long k = 0; k < K; k += lanes) {
    const bool whole = k + lanes <= K;
    Vector a[LINES];
#pragma GCC unroll 8
    for (int l = 0; l < LINES; l++) a[l] = whole ? load(A + l * lda + k) : loadPart(A + l * lda + k, K - k);
#pragma GCC unroll 12
    for (int c = 0; c < COLUMNS; c++) {
      const Vector b = load(columns + c * ldc + k);
#pragma GCC unroll 8
      for (int l = 0; l < LINES; l++) sum[l][c] += a[l] * b;
    }
  }
#pragma GCC unroll 8
  for (int l = 0; l < LINES; l++) storeSums<COLUMNS>(sum[l], C + l * paddedLanes);
}

using Dots = void (*)(long K, const float* A, long lda, const float* columns, long ldc, float* C);

template <int... COLUMN>
static void dotsOf(long M, long N, long K, const float* A, long lda, const float* columns, long ldc, float* C, std::integer_sequence<int, COLUMN...>) {
  static constexpr Dots several[] = {dots<dotLinesAtOnce(COLUMN + 1), COLUMN + 1>...}, one[] = {dots<1, COLUMN + 1>...};
  const long most = dotLinesAtOnce((int)N);
  long line = 0;
  for (; line + most <= M; line += most) several[N - 1](K, A + line * lda, lda, columns, ldc, C + line * paddedLanes);
  for (; line < M; line++) one[N - 1](K, A + line * lda, lda, columns, ldc, C + line * paddedLanes);
}

void gemmDots(long M, long N, long K, const float* A, long lda, const float* columns, long ldc, float* C) {
  dotsOf(M, N, K, A, lda, columns, ldc, C, std::make_integer_sequence<int, mostDotColumns>());
}

// A square of B at a time; of the transposed square only the first COUNT lines are made.
template <int COUNT>
static void columnsOf(long N, long K, const float* B, float* columns, long ldc) {
  for (long k = 0; k < K; k += lanes) {
    Vector square[lanes];
#pragma GCC unroll 16
    for (int i = 0; i < lanes; i++) square[i] = k + i < K ? load(B + (k + i) * paddedLanes) : Vector{};
    if constexpr (lanes > 8) exchangeAll<8>(square);
    if constexpr (lanes > 4) exchangeAll<4>(square);
    exchangeAll<2>(square);
    exchangeAll<1>(square);
#pragma GCC unroll 16
    for (int i = 0; i < COUNT; i++)
      if (i < N) store(columns + i * ldc + k, square[i]);
  }
}

void dotColumns(long N, long K, const float* B, float* columns, long ldc) {
  for (long first = 0; first < N; first += lanes) {
    const long count = N - first < lanes ? N - first : lanes;
    (count <= 2 ? columnsOf<2> : count <= 4 ? columnsOf<4> : lanes > 8 && count <= 8 ? columnsOf<lanes / 2> : columnsOf<lanes>)(count, K, B + first, columns + first * ldc, ldc);
  }
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

void gemmDots(long M, long N, long K, const float* A, long lda, const float* columns, long ldc, float* C) {
  static const auto kernel = DENSELY_CHOOSE(gemmDots);
  kernel(M, N, K, A, lda, columns, ldc, C);
}

void dotColumns(long N, long K, const float* B, float* columns, long ldc) {
  static const auto kernel = DENSELY_CHOOSE(dotColumns);
  kernel(N, K, B, columns, ldc);
}

}  // namespace densely
#endif
