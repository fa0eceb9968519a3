// Tests of the native kernels against naive twins in double, and (with an argument) their benchmark against OpenBLAS.
// cmake --build build --target kernels_test && build/test/native/kernels_test; VECTOR_BITS=256 or 128 in the environment narrows the vectors,
// and `kernels_test bench` measures.
#include "chain_code.h"
#include "checks.h"
#include "elementwise.h"
#include "gemm.h"
#include "transpose.h"

#include <cblas.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

extern "C" void openblas_set_num_threads(int);
extern "C" char* openblas_get_corename(void);

namespace {

using namespace densely;

double distanceInUlps(float value, double expected) {
  if (std::isnan(expected)) return std::isnan(value) ? 0 : INFINITY;
  if (std::isinf(static_cast<float>(expected)) || std::isinf(value)) return value == static_cast<float>(expected) ? 0 : INFINITY;
  const double unit = std::max(std::ldexp(1.0, std::ilogb(expected == 0 ? 1e-45 : expected) - 23), std::ldexp(1.0, -149));
  return std::fabs(value - expected) / unit;
}

using Product = void (*)(bool, long, long, long, const float*, long, const float*, long, float*, long, bool, const Fetch&, const int32_t*);

void testProduct(const char* name, Product product, bool transposeA, long M, long N, long K, bool padded) {
  const long width = padded ? (N + 15) / 16 * 16 : N, gap = padded ? 0 : M % 3;
  const long lda = (transposeA ? M : K) + K % 4, ldb = width + gap, ldc = width + gap;
  Guarded<float> A((transposeA ? K : M) * lda - K % 4), B(std::max(0l, K * ldb - gap)), C(M * ldc - gap);
  for (long i = 0; i < (transposeA ? K : M) * lda - K % 4; i++) A[i] = uniform();
  for (long i = 0; i < K * ldb - gap; i++) B[i] = i % ldb < N ? uniform() : i % ldb < width ? NAN : uniform();
  for (long i = 0; i < M * ldc - gap; i++) C[i] = 77;
  product(transposeA, M, N, K, A.data(), lda, B.data(), ldb, C.data(), ldc, padded, {}, nullptr);
  double worst = 0;
  bool outside = false;
  for (long m = 0; m < M; m++) {
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 1e-30;
      for (long k = 0; k < K; k++) {
        const double term = static_cast<double>(transposeA ? A[k * lda + m] : A[m * lda + k]) * B[k * ldb + n];
        sum += term;
        size += std::fabs(term);
      }
      worst = std::max(worst, std::isnan(C[m * ldc + n]) ? INFINITY : std::fabs(C[m * ldc + n] - sum) / size);
    }
    for (long n = width; n < ldc && m * ldc + n < M * ldc - gap; n++) outside |= C[m * ldc + n] != 77;
  }
  check(worst < 3e-7 + 2e-8 * std::sqrt(K), "%s %s M=%ld N=%ld K=%ld padded=%d: relative error %g", name, transposeA ? "transposed" : "", M, N, K, padded, worst);
  check(!outside, "%s M=%ld N=%ld K=%ld wrote between the lines of C", name, M, N, K);
}

// Rows of B chosen from a larger array give the bits that a copy of them gives.
void testChosenRows() {
  for (const long M : {1l, 5l, 24l, 40l})
    for (const long N : {1l, 7l, 16l, 33l, 500l})
      for (const long K : {1l, 9l, 128l, 600l}) {
        const long count = 50, ldb = N + 3;
        std::vector<float> A(M * K), B(K * N), copied(M * N), chosen(M * N), other(M * N);
        Guarded<float> array(count * ldb - 3);
        std::vector<int32_t> rows(K);
        for (auto& a : A) a = uniform();
        for (long i = 0; i < count * ldb - 3; i++) array[i] = uniform();
        for (auto& row : rows) row = engine() % count;
        rows.back() = count - 1;
        for (long k = 0; k < K; k++) memcpy(&B[k * N], &array[rows[k] * ldb], N * sizeof(float));
        Fetch fetch;  // only advice: whatever it names, C is the same
        fetch.lines[fetch.count++] = other.data();
        fetch.stride = N;
        own::gemm(false, M, N, K, A.data(), K, B.data(), N, copied.data(), N, false);
        own::gemm(false, M, N, K, A.data(), K, array.data(), ldb, chosen.data(), N, false, fetch, rows.data());
        check(copied == chosen, "chosen rows M=%ld N=%ld K=%ld", M, N, K);
      }
}

void testProducts() {
  const long sizes[] = {1, 2, 3, 5, 7, 10, 12, 13, 16, 17, 24, 31, 33, 50};
  for (const bool transposeA : {false, true})
    for (const long M : sizes)
      for (const long N : sizes)
        for (const long K : {0l, 1l, 2l, 9l, 33l})
          for (const bool padded : {false, true}) {
            testProduct("own", own::gemm, transposeA, M, N, K, padded);
            testProduct("chosen", gemm, transposeA, M, N, K, padded);
          }
  for (const bool transposeA : {false, true})
    for (const long M : {5l, 61l, 130l})
      for (const long N : {4l, 37l, 300l, 530l})
        for (const long K : {300l, 700l, 1300l})
          for (const bool padded : {false, true}) {
            testProduct("own", own::gemm, transposeA, M, N, K, padded);
            testProduct("chosen", gemm, transposeA, M, N, K, padded);
          }
}

// The lines of a tile have the bits of the whole product.
void testTiles() {
  for (const bool transposeA : {false, true})
    for (const long M : {3l, 10l, 64l, 500l})
      for (const long N : {4l, 16l, 33l, 128l, 512l})
        for (const long K : {10l, 784l}) {
          const long ld = (N + 15) / 16 * 16, lda = transposeA ? M : K, tile = gemmTileLines(transposeA, M, N, K);
          std::vector<float> A(M * K), B(K * ld), whole(M * ld), tiled(M * ld);
          for (auto& a : A) a = uniform();
          for (auto& b : B) b = uniform();
          own::gemm(transposeA, M, N, K, A.data(), lda, B.data(), ld, whole.data(), ld, true);
          for (long m = 0; m < M; m += tile)
            own::gemm(transposeA, std::min(tile, M - m), N, K, A.data() + (transposeA ? m : m * lda), lda, B.data(), ld, tiled.data() + m * ld, ld, true);
          check(tile >= 1 && tile <= M, "gemmTileLines(%d, %ld, %ld, %ld) = %ld", transposeA, M, N, K, tile);
          bool same = true;
          for (long m = 0; m < M; m++) same &= !memcmp(&whole[m * ld], &tiled[m * ld], N * sizeof(float));
          check(same, "tiles of %ld lines differ from the whole: transposed=%d M=%ld N=%ld K=%ld", tile, transposeA, M, N, K);
        }
}

void testVectorProducts() {
  for (const bool transposeA : {false, true})
    for (const auto vectorProduct : {own::gemv, gemv})
      for (const long M : {1l, 2l, 7l, 8l, 9l, 16l, 19l, 64l, 130l})
        for (const long K : {0l, 1l, 3l, 8l, 10l, 16l, 17l, 64l, 129l, 784l}) {
          const long lda = (transposeA ? M : K) + 1;
          Guarded<float> A(std::max(0l, (transposeA ? K : M) * lda - 1)), x(K), y(M);
          for (long i = 0; i < (transposeA ? K : M) * lda - 1; i++) A[i] = uniform();
          for (long i = 0; i < K; i++) x[i] = uniform();
          for (long i = 0; i < M; i++) y[i] = NAN;
          vectorProduct(transposeA, M, K, A.data(), lda, x.data(), y.data());
          double worst = 0;
          for (long m = 0; m < M; m++) {
            double sum = 0, size = 1e-30;
            for (long k = 0; k < K; k++) {
              const double term = static_cast<double>(transposeA ? A[k * lda + m] : A[m * lda + k]) * x[k];
              sum += term;
              size += std::fabs(term);
            }
            worst = std::max(worst, std::isnan(y[m]) ? INFINITY : std::fabs(y[m] - sum) / size);
          }
          check(worst < 1e-6, "gemv transposed=%d M=%ld K=%ld: relative error %g", transposeA, M, K, worst);
        }
}

double expected(Elementwise op, float x, float y, float z, float i) {
  const double a = x, b = y, c = z;
  switch (op) {
    case Elementwise::copy: case Elementwise::sumColumns: return a;
    case Elementwise::negate: return -a;
    case Elementwise::abs: return std::fabs(a);
    case Elementwise::sign: return a > 0 ? 1 : a < 0 ? -1 : a;
    case Elementwise::square: return a * a;
    case Elementwise::sqrt: return std::sqrt(a);
    case Elementwise::reciprocal: return 1 / a;
    case Elementwise::exp: return std::exp(a);
    case Elementwise::log: return std::log(a);
    case Elementwise::sigmoid: return 1 / (1 + std::exp(-a));
    case Elementwise::tanh: return std::tanh(a);
    case Elementwise::relu: return a <= 0 ? 0 : a;
    case Elementwise::leakyRelu: return a > 0 ? a : i * a;
    case Elementwise::elu: return a > 0 ? a : i * std::expm1(a);
    case Elementwise::softplus: return std::isnan(a) ? a : std::max(a, 0.0) + std::log1p(std::exp(-std::fabs(a)));
    case Elementwise::sin: case Elementwise::cos: return op == Elementwise::sin ? std::sin(a) : std::cos(a);
    case Elementwise::erf: return std::erf(a);
    case Elementwise::log1p: return std::log1p(a);
    case Elementwise::expm1: return std::expm1(a);
    case Elementwise::step: return a > 0;
    case Elementwise::scale: return i * a;
    case Elementwise::shift: return a + i;
    case Elementwise::add: return a + b;
    case Elementwise::subtract: return a - b;
    case Elementwise::multiply: return a * b;
    case Elementwise::divide: return a / b;
    case Elementwise::maximum: return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
    case Elementwise::minimum: return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
    case Elementwise::power: return std::fabs(a) == 1 && !std::isfinite(b) ? NAN : std::pow(a, b);
    case Elementwise::greater: return a > b;
    case Elementwise::equal: return a == b;
    case Elementwise::multiplyAdd: return std::fma(a, b, c);
    case Elementwise::select: return a != 0 ? b : c;
  }
  return NAN;
}

std::vector<float> specialValues() {
  std::vector<float> values = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1e-45f, -1e-45f, 1e-40f, -1e-40f, 1.17549435e-38f, 3.4e38f, -3.4e38f,
                               88.7f, 88.73f, -87.4f, -88.8f, -103.9f, -104.1f, 1.0f, -1.0f, 0.99999994f, 1.0000001f, 1e4f, -1e4f, 9.99e4f, 1.01e5f, 1e30f};
  for (float x = -120; x < 120; x += 0.0371f) values.push_back(x);
  for (uint64_t bits = 0; bits < 1ull << 32; bits += 24571) {  // every exponent, both signs, NaNs
    const uint32_t pattern = bits;
    float x;
    memcpy(&x, &pattern, sizeof x);
    values.push_back(x);
  }
  for (int quarter = 1; quarter < 60000; quarter += 37) values.push_back(static_cast<float>(quarter * 1.5707963267948966));
  return values;
}

void testElementwise() {
  const std::vector<float> values = specialValues();
  const long n = values.size();
  const float immediate = 0.3f;
  check(elementwiseCount == 35 && elementwiseKernel(-1) == nullptr && elementwiseKernel(static_cast<int>(Elementwise::sumColumns)) == nullptr, "table of operations");
  for (int op = 0; op < static_cast<int>(Elementwise::sumColumns); op++) {
    Guarded<float> a(n), b(n), c(n), y(n);
    for (long i = 0; i < n; i++) {
      a[i] = values[i];
      b[i] = i % 5 == 0 ? values[i] : values[i * 7919 % n];
      c[i] = values[i * 104729 % n];
    }
    const ElementwiseKernel kernel = elementwiseKernel(op);
    kernel(y.data(), a.data(), elementwiseArity[op] > 1 ? b.data() : nullptr, elementwiseArity[op] > 2 ? c.data() : nullptr, immediate, n);
    double worst = 0;
    long where = 0;
    for (long i = 0; i < n; i++) {
      const double want = expected(static_cast<Elementwise>(op), a[i], b[i], c[i], immediate);
      double error = distanceInUlps(y[i], want);
      // Without fused multiplication a·b + c rounds twice: its error is measured against a·b, which may overflow.
      const double product = std::fabs(static_cast<double>(a[i]) * b[i]);
      if (op == static_cast<int>(Elementwise::multiplyAdd) && std::isfinite(want))
        error = product > 3.4e38 ? 0 : std::min(error, std::fabs(y[i] - want) / (1e-7 * (product + 1e-30)));
      if (error > worst) worst = error, where = i;
    }
    printf("  %-12s worst error %.2f ulp\n", elementwiseNames[op], worst);
    check(worst <= 3, "%s(%g, %g, %g) = %g: %.2f ulp", elementwiseNames[op], a[where], b[where], c[where], y[where], worst);
    for (const long length : {1l, 3l, 4l, 7l, 15l, 16l, 17l, 40l}) {
      Guarded<float> tail(length), other(length);
      for (long i = 0; i < length; i++) tail[i] = a[i + 30], other[i] = 0.5f;
      std::vector<float> want(length);
      kernel(want.data(), tail.data(), other.data(), other.data(), immediate, length);
      kernel(tail.data(), tail.data(), other.data(), other.data(), immediate, length);
      check(!memcmp(want.data(), tail.data(), length * sizeof(float)), "%s in place, n=%ld", elementwiseNames[op], length);
    }
  }
}

#define DENSELY_STEP(op, destination, a, b, c) {Elementwise::op, destination, a, b, c}
#define DENSELY_CHAIN(inputs, outs, registers, numbers, sums, ...) {inputs, outs, registers, numbers, sums, {__VA_ARGS__}},
struct KnownStep { Elementwise op; int destination, a, b, c; };
struct KnownChain { int inputs, outs, registers; uint32_t numbers, sums; std::vector<KnownStep> steps; };
const KnownChain knownChains[] = {
#include DENSELY_CHAIN_LIST
};

// Chains compiled ahead have the bits of their operations one by one.
void testChainCodes() {
  for (const KnownChain& chain : knownChains)
    for (const long n : {1l, 15l, 16l, 50l, 1100l}) {
      const long lines = 3, stride = n + 2, top = chain.inputs + chain.outs + chain.registers;
      std::vector<uint64_t> steps;
      std::vector<float> immediates;
      for (const auto& [op, destination, a, b, c] : chain.steps) steps.push_back(codeStep(op, destination, a, b, c)), immediates.push_back(0.4f + 0.05f * steps.size());
      const ChainCode code = findChainCode({chain.inputs, chain.outs, chain.registers, chain.numbers, chain.sums, steps.data(), (int)steps.size()});
      check(code != nullptr, "a known chain of %zu operations is found", steps.size());
      if (!code) continue;
      const long valid = n - n / 3;
      ChainView view{lines, n, valid, {}, {}, {}, {}};
      std::vector<std::vector<float>> values(top, std::vector<float>(lines * stride));
      for (int i = 0; i < chain.inputs; i++) {
        for (auto& value : values[i]) value = uniform() + 1.01f;
        const bool number = chain.numbers >> i & 1;
        view.inStride[i] = number ? 1 : stride;
        view.in[i] = values[i].data();
      }
      std::vector<Guarded<float>*> outs;
      for (int i = 0; i < chain.outs; i++) {
        outs.push_back(new Guarded<float>(chain.sums >> i & 1 ? lines : lines * stride - 2));
        view.out[i] = outs[i]->data();
        view.outStride[i] = chain.sums >> i & 1 ? 1 : stride;
      }
      code(view, immediates.data(), nullptr);
      std::vector<std::vector<float>> work(top, std::vector<float>(n));
      for (long line = 0; line < lines; line++) {
        for (int i = 0; i < chain.inputs; i++)
          for (long k = 0; k < n; k++) work[i][k] = values[i][chain.numbers >> i & 1 ? line : line * stride + k];
        for (size_t s = 0; s < steps.size(); s++) {
          const auto& [op, destination, a, b, c] = chain.steps[s];
          if (op != Elementwise::sumColumns) {
            elementwiseKernel((int)op)(work[destination].data(), work[a].data(), work[b].data(), work[c].data(), immediates[s], n);
            continue;
          }
          double sum = 0, size = 1e-30;
          for (long k = 0; k < valid; k++) sum += work[a][k], size += std::fabs(work[a][k]);
          check(std::fabs((*outs[destination - chain.inputs])[line] - sum) / size < 1e-6, "chain of %zu operations, sum, n=%ld", steps.size(), n);
        }
        for (int i = 0; i < chain.outs; i++)
          if (!(chain.sums >> i & 1)) check(!memcmp(work[chain.inputs + i].data(), outs[i]->data() + line * stride, n * sizeof(float)), "chain of %zu operations, out %d, n=%ld", steps.size(), i, n);
      }
      for (auto* out : outs) delete out;
    }
}

void testSums() {
  for (const long n : {0l, 1l, 5l, 16l, 63l, 64l, 65l, 1000l, 100003l}) {
    Guarded<float> x(n);
    double sum = 0, size = 1e-30;
    for (long i = 0; i < n; i++) x[i] = uniform(), sum += x[i], size += std::fabs(x[i]);
    check(std::fabs(sumOf(x.data(), n) - sum) / size < 2e-7, "sumOf %ld floats", n);
    splat(x.data(), 2.5f, n);
    bool filled = true;
    for (long i = 0; i < n; i++) filled &= x[i] == 2.5f;
    check(filled, "splat %ld floats", n);
  }
}

// Best of many repetitions, in nanoseconds.
double nanoseconds(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto time = [&](long repetitions) {
    const auto begin = Clock::now();
    for (long i = 0; i < repetitions; i++) work();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / repetitions;
  };
  const long repetitions = std::max(1l, static_cast<long>(2e5 / (time(2) + 1)));
  double best = INFINITY;
  for (double spent = 0; spent < 1.2e8;) {
    const double one = time(repetitions);
    best = std::min(best, one);
    spent += one * repetitions;
  }
  return best;
}

// Products held in registers: the multiply-add peak of one thread.
double peakOfBlock() {
  std::vector<float> A(64 * 128, 0.5f), B(128 * 32, 0.5f), C(64 * 32);
  return 2.0 * 48 * 32 * 128 / nanoseconds([&] { own::gemm(false, 48, 32, 128, A.data(), 128, B.data(), 32, C.data(), 32, true); });
}

// One thread, GFLOP/s: our kernels over OpenBLAS, tile by tile as a program runs them (OpenBLAS whole).
void benchmark() {
  printf("own kernel in the first-level cache: %.0f GFLOP/s\n", peakOfBlock());
  const long shapes[][2] = {{2, 2}, {64, 64}, {64, 32}, {32, 10}, {784, 128}, {128, 10}, {512, 512}, {1000, 500}, {2500, 2000}};
  printf("%-10s %4s | %21s | %21s | %21s\n", "in x out", "rows", "Z own / OpenBLAS", "dX", "dW");
  for (const auto [in, out] : shapes)
    for (const long rows : {1l, 4l, 16l, 32l, 64l, 128l, 512l}) {
      const long ld = rows == 1 ? 1 : (rows + 15) / 16 * 16;
      std::vector<float> W(in * out, 0.1f), X(in * ld, 0.2f), Z(out * ld, 0.3f), gradient(in * out);
      printf("%4ldx%-5ld %4ld", in, out, rows);
      struct Form { bool transposeA; long M, N, K; const float* A; long lda; const float* B; long ldb; float* C; };
      for (const Form& f : {Form{false, out, rows, in, W.data(), in, X.data(), ld, Z.data()}, Form{true, in, rows, out, W.data(), in, Z.data(), ld, X.data()},
                            Form{false, out, in, rows, Z.data(), ld, X.data(), in, gradient.data()}}) {
        const auto transpose = f.transposeA ? CblasTrans : CblasNoTrans;
        const long tile = gemmTileLines(f.transposeA, f.M, f.N, f.K), ldc = f.ldb;
        const double ours = nanoseconds([&] {
          if (f.N == 1) return own::gemv(f.transposeA, f.M, f.K, f.A, f.lda, f.B, f.C);
          for (long m = 0; m < f.M; m += tile)
            own::gemm(f.transposeA, std::min(tile, f.M - m), f.N, f.K, f.A + (f.transposeA ? m : m * f.lda), f.lda, f.B, f.ldb, f.C + m * ldc, ldc, f.N == rows);
        });
        const double theirs = nanoseconds([&] {
          if (f.N == 1) cblas_sgemv(CblasRowMajor, transpose, f.transposeA ? f.K : f.M, f.transposeA ? f.M : f.K, 1, f.A, f.lda, f.B, 1, 0, f.C, 1);
          else cblas_sgemm(CblasRowMajor, transpose, CblasNoTrans, f.M, f.N, f.K, 1, f.A, f.lda, f.B, f.ldb, 0, f.C, ldc);
        });
        const double work = 2.0 * f.M * f.N * f.K;
        printf(" | %6.1f /%6.1f %6.0fns", work / ours, work / theirs, ours);
      }
      printf("\n");
    }
  std::vector<float> a(1024, 0.7f), y(1024);
  for (int op = 0; op < static_cast<int>(Elementwise::sumColumns); op++)
    printf("%s %.3f ns  ", elementwiseNames[op], nanoseconds([&] { elementwiseKernel(op)(y.data(), a.data(), a.data(), a.data(), 0.5f, 1024); }) / 1024);
  std::vector<float> x(784 * 128), columns(784 * 128);
  printf("\ntranspose 128x784: %.3f ns an element\n", nanoseconds([&] { transposeBlock(x.data(), 784, 128, 784, columns.data(), 128); }) / (784 * 128));
}

}  // namespace

int main(int count, char** arguments) {
  openblas_set_num_threads(1);
  printf("kernels for %s, OpenBLAS for %s\n", isaName(), openblas_get_corename());
  if (count > 1 && !strcmp(arguments[1], "bench")) return benchmark(), 0;
  testProducts();
  testDots();
  testTiles();
  testVectorProducts();
  testElementwise();
  testSums();
  testChosenRows();
  testSmallProducts();
  testRowProducts();
  testChainCodes();
  testGathering();
  testBfloat16();
  printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}
