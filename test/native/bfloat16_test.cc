// Tests of the products rounded to bfloat16 against naive twins.
#include "bfloat16_twin.h"
#include "checks.h"
#include "gemm_bf16.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

using namespace densely::bfloat16;

// Term k of a line: its pair, and which half of it.
uint16_t termOf(const uint32_t* pair, long k) { return (uint16_t)(k % 2 ? *pair >> 16 : *pair); }

// Numbers of all kinds: ordinary ones, ties, tiny ones, the edges.
float sample(long i) {
  const float odd[] = {0, -0.0f, 1e-40f, -1e-38f, 1.17549435e-38f, 3.4e38f, INFINITY, -INFINITY, NAN, 1.00390625f, 1.01171875f, -1.00390625f};
  return i % 7 == 3 ? odd[i / 7 % 12] : uniform();
}

void testPacking() {
  for (const long lines : {1l, 2l, 15l, 16l, 17l, 40l})
    for (const long terms : {1l, 2l, 3l, 15l, 31l, 32l, 33l, 64l, 77l}) {
      const long pairs = pairsOf(terms), ld = terms + lines % 3, ldt = lines + terms % 3;
      Guarded<float> X(lines * ld - lines % 3), T(terms * ldt - terms % 3);
      for (long i = 0; i < lines * ld - lines % 3; i++) X[i] = sample(i);
      for (long l = 0; l < lines; l++)
        for (long k = 0; k < terms; k++) T[k * ldt + l] = X[l * ld + k];
      Guarded<uint32_t> panels(panelsLength(lines, terms)), transposed(panelsLength(lines, terms)), rows(lines * rowStride(pairs));
      packPanels(lines, terms, X.data(), ld, panels.data());
      packRows(lines, terms, X.data(), ld, rows.data());
      packTransposed(lines, terms, T.data(), ldt, transposed.data(), pairs / 2, pairs);
      packTransposed(lines, terms, T.data(), ldt, transposed.data(), 0, pairs / 2);
      bool same = true;
      for (long l = 0; l < (lines + 15) / 16 * 16; l++)
        for (long k = 0; k < 2 * pairs; k++) {
          const uint16_t expected = l < lines && k < terms ? rounded(X[l * ld + k]) : 0;
          const long at = l / 16 * panelStride(pairs) + k / 2 * 16 + l % 16;
          same &= termOf(&panels[at], k) == expected && termOf(&transposed[at], k) == expected;
          if (l < lines) same &= termOf(&rows[l * rowStride(pairs) + k / 2], k) == expected;
        }
      check(same, "packing of %ld lines of %ld terms", lines, terms);
    }
}

// An operand of random numbers, packed, and the same numbers rounded.
struct Random {
  long lines, terms;
  std::vector<float> values;  // [lines, terms], rounded
  Guarded<uint32_t> panels, rows;
  Random(long lines, long terms) : lines(lines), terms(terms), values((size_t)(lines * terms)), panels(panelsLength(lines, terms)), rows(lines * rowStride(pairsOf(terms))) {
    for (float& value : values) value = uniform();
    packPanels(lines, terms, values.data(), terms, panels.data());
    packRows(lines, terms, values.data(), terms, rows.data());
    for (float& value : values) value = widened(rounded(value));
  }
};

void testRounded(long M, long N, long K) {
  const long pairs = pairsOf(K), ldc = N + K % 3;
  Random A(M, K), B(N, K);
  Guarded<float> C(M * ldc - K % 3), D(M * ldc - K % 3), ahead(M * N);
  for (long i = 0; i < M * ldc - K % 3; i++) C[i] = D[i] = 77;
  const float* const fetched[] = {ahead.data()};
  multiply(M, N, pairs, inRows(A.rows.data(), pairs), B.panels.data(), C.data(), ldc, {fetched, 1, N});
  multiply(M, N, pairs, inPanels(A.panels.data(), pairs), B.panels.data(), D.data(), ldc, {nullptr, 0, 0});
  check(!memcmp(C.data(), D.data(), (M * ldc - K % 3) * sizeof(float)), "rows and panels differ: M=%ld N=%ld K=%ld", M, N, K);
  double worst = 0;
  bool outside = false;
  for (long m = 0; m < M; m++) {
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 1e-30;
      for (long k = 0; k < K; k++) {
        const double term = (double)A.values[m * K + k] * B.values[n * K + k];
        sum += term;
        size += std::fabs(term);
      }
      worst = std::max(worst, std::isnan(C[m * ldc + n]) ? INFINITY : std::fabs(C[m * ldc + n] - sum) / size);
    }
    for (long n = N; n < ldc && m * ldc + n < M * ldc - K % 3; n++) outside |= C[m * ldc + n] != 77;
  }
  // Products of bfloat16 are exact in single precision: only the sums round, K times at most.
  check(worst <= K * std::ldexp(1.0, -24), "M=%ld N=%ld K=%ld: relative error %g", M, N, K, worst);
  check(!outside, "M=%ld N=%ld K=%ld wrote between the lines of C", M, N, K);

  // The same bits in tiles of any lines and any panels, and with the operands exchanged.
  bool same = true;
  for (long m = 0; m < M; m += 16)
    for (long n = 0; n < N; n += 32) {
      const long lines = std::min(16l, M - m), columns = std::min(32l, N - n);
      std::vector<float> tile((size_t)(lines * columns));
      const Lines part = {A.panels.data() + m / 16 * panelStride(pairs), panelStride(pairs), 1, panelLines};
      multiply(lines, columns, pairs, part, B.panels.data() + n / 16 * panelStride(pairs), tile.data(), columns, {nullptr, 0, 0});
      for (long l = 0; l < lines; l++) same &= !memcmp(&tile[l * columns], &C[(m + l) * ldc + n], columns * sizeof(float));
    }
  std::vector<float> across((size_t)(M * N));
  multiply(N, M, pairs, inPanels(B.panels.data(), pairs), A.panels.data(), across.data(), M, {nullptr, 0, 0});
  for (long m = 0; m < M; m++)
    for (long n = 0; n < N; n++) same &= !memcmp(&across[n * M + m], &C[m * ldc + n], sizeof(float));
  check(same, "tiles of M=%ld N=%ld K=%ld differ from the whole", M, N, K);
}

}  // namespace

void testBfloat16() {
  if (!available()) return;
  testPacking();
  for (const long M : {1l, 2l, 3l, 5l, 7l, 8l, 9l, 16l, 17l, 24l, 33l, 50l})
    for (const long N : {1l, 2l, 7l, 12l, 16l, 17l, 31l, 48l, 63l, 130l})
      for (const long K : {1l, 2l, 3l, 31l, 64l, 129l}) testRounded(M, N, K);
  testRounded(61, 300, 1301);
  testRounded(130, 37, 700);
}
