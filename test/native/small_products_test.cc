// Tests of the kernel of small products.
#include "checks.h"
#include "gemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace densely;

// The kernel of small products has the bits of the blocked one.
void testSmallProducts() {
  for (const bool transposeA : {false, true})
    for (const bool chosen : {false, true})
      for (const long M : {1l, 2l, 5l, 16l})
        for (const long N : {1l, 2l, 15l, 16l, 33l})
          for (const long K : {0l, 1l, 2l, 9l, 512l}) {
            if (transposeA && chosen) continue;
            const long lda = (transposeA ? M : K) + 2, ldb = N + 1, ldc = N + 3, rowsOfB = chosen ? 20 : K;
            std::vector<float> A((transposeA ? K : M) * lda), expected(M * ldc, 77.0f);
            Guarded<float> B(std::max(0l, (rowsOfB - 1) * ldb + N)), C((M - 1) * ldc + N);
            std::vector<int32_t> rows(K);
            for (auto& a : A) a = uniform();
            for (long i = 0; i < std::max(0l, (rowsOfB - 1) * ldb + N); i++) B[i] = uniform();
            for (auto& row : rows) row = engine() % rowsOfB;
            for (long i = 0; i < (M - 1) * ldc + N; i++) C[i] = 77.0f;
            own::gemm(transposeA, M, N, K, A.data(), lda, B.data(), ldb, expected.data(), ldc, false, {}, chosen ? rows.data() : nullptr);
            own::gemmSmall()(transposeA, M, N, K, A.data(), lda, B.data(), ldb, C.data(), ldc, chosen ? rows.data() : nullptr);
            check(!memcmp(expected.data(), C.data(), ((M - 1) * ldc + N) * sizeof(float)), "small product transposed=%d chosen=%d M=%ld N=%ld K=%ld", transposeA, chosen, M, N, K);
          }
}
