// Tests of products with examples read where they lie in a data set.
#include "checks.h"
#include "gemm.h"

#include <cstring>
#include <vector>

using namespace densely;

// They have the bits of the product with a feature-major copy of the examples.
void testRowProducts() {
  for (const bool chosen : {false, true})
    for (const long M : {1l, 5l, 8l, 16l, 17l, 32l, 40l, 70l})
      for (const long N : {1l, 2l, 12l, 13l, 40l, 300l})
        for (const long K : {1l, 7l, 16l, 100l, 512l, 784l}) {
          const long lda = K + 2, ldx = K + 1, ldc = N + 3, examples = chosen ? 50 : N;
          Guarded<float> A((M - 1) * lda + K), X((examples - 1) * ldx + K), C((M - 1) * ldc + N), memory(gemmRowsFloats(N));
          std::vector<float> B(K * N), expected(M * ldc, 77.0f);
          std::vector<int32_t> rows(N);
          for (long i = 0; i < (M - 1) * lda + K; i++) A[i] = uniform();
          for (long i = 0; i < (examples - 1) * ldx + K; i++) X[i] = uniform();
          for (long i = 0; i < (M - 1) * ldc + N; i++) C[i] = 77.0f;
          for (long i = 0; i < gemmRowsFloats(N); i++) memory[i] = NAN;
          for (long n = 0; n < N; n++) {
            rows[n] = chosen ? (int32_t)(engine() % examples) : (int32_t)n;
            for (long k = 0; k < K; k++) B[k * N + n] = X[rows[n] * ldx + k];
          }
          own::gemm(false, M, N, K, A.data(), lda, B.data(), N, expected.data(), ldc, false);
          gemmRows(M, N, K, A.data(), lda, X.data(), ldx, chosen ? rows.data() : nullptr, C.data(), ldc, memory.data());
          check(!memcmp(expected.data(), C.data(), ((M - 1) * ldc + N) * sizeof(float)), "product with rows chosen=%d M=%ld N=%ld K=%ld", chosen, M, N, K);
        }
}
