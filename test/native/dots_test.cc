// Tests of products with few columns against a plain loop in double.
#include "checks.h"
#include "gemm.h"

#include <cmath>
#include <cstring>
#include <vector>

using namespace densely;

namespace {

void testDotsOf(long M, long N, long K) {
  const long lda = K + 3, ldc = (K + 15) / 16 * 16;
  Guarded<float> A(M * lda - 3), B(K * paddedLanes), columns(N * ldc), C(M * paddedLanes);
  for (long i = 0; i < M * lda - 3; i++) A[i] = uniform();
  for (long i = 0; i < K * paddedLanes; i++) B[i] = i % paddedLanes < N ? uniform() : NAN;
  dotColumns(N, K, B.data(), columns.data(), ldc);
  gemmDots(M, N, K, A.data(), lda, columns.data(), ldc, C.data());
  double worst = 0;
  for (long m = 0; m < M; m++)
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 1e-30;
      for (long k = 0; k < K; k++) {
        const double term = static_cast<double>(A[m * lda + k]) * B[k * paddedLanes + n];
        sum += term;
        size += std::fabs(term);
      }
      const double error = std::fabs(C[m * paddedLanes + n] - sum) / size;
      worst = std::isnan(error) ? INFINITY : std::fmax(worst, error);
    }
  check(worst < 3e-7 + 2e-8 * std::sqrt(K), "dots M=%ld N=%ld K=%ld: relative error %g", M, N, K, worst);

  // Each line alone has the bits it has among the others.
  std::vector<float> alone(paddedLanes);
  bool same = true;
  for (long m = 0; m < M; m++) {
    gemmDots(1, N, K, A.data() + m * lda, lda, columns.data(), ldc, alone.data());
    same &= !std::memcmp(alone.data(), C.data() + m * paddedLanes, N * sizeof(float));
  }
  check(same, "dots M=%ld N=%ld K=%ld: a line alone has other bits", M, N, K);
}

}  // namespace

void testDots() {
  for (long N = 1; N <= mostDotColumns; N++)
    for (const long M : {1l, 2l, 5l, 8l, 13l, 27l})
      for (const long K : {0l, 1l, 9l, 16l, 17l, 100l, 1300l}) testDotsOf(M, N, K);
  check(!prefersDots(1, 784) && !prefersDots(16, 784) && !prefersDots(8, 8), "dots are for few columns and many terms");
}
