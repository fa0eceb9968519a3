// Fuzzer of the kernels: products, dots, rows, gathers, packing and chains of any shape and any stride against naive twins, in memory of exactly their size.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "bfloat16_twin.h"
#include "chain_code.h"
#include "elementwise.h"
#include "gemm.h"
#include "gemm_bf16.h"
#include "reduce.h"
#include "transpose.h"

using namespace densely;

namespace {

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// Shapes are read from the input; once it is used up, numbers go on at random from what was there.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data(data), size(size) {}
  long number(long lowest, long highest) {
    const uint32_t byte = at < size ? data[at++] : (state = state * 1664525u + 1013904223u) >> 24;
    state += byte * 2654435761u;
    return lowest + (long)byte % (highest - lowest + 1);
  }
  // Mostly small, as tails of vectors are.
  long length(long most) { return number(0, 3) ? number(1, std::min(most, 40L)) : std::min(most, number(1, 250) * number(1, 4)); }
  bool flag() { return number(0, 1) == 1; }
  float value() {
    static const float odd[] = {0.0f, -0.0f, NAN, INFINITY, -INFINITY, 1e-40f, 3e38f, -1e30f};
    state = state * 1664525u + 1013904223u;
    return special && state >> 28 == 0 ? odd[state >> 16 & 7] : (float)(int32_t)(state >> 8) * 0x1p-23f - 1.0f;
  }
  bool special = false;

 private:
  const uint8_t* data;
  size_t size, at = 0;
  uint32_t state = 1;
};

// Memory of exactly so many values, at an odd place now and then.
template <typename T>
std::vector<T> values(long count, Input& input) {
  std::vector<T> made((size_t)std::max(count, 0L));
  made.shrink_to_fit();
  for (T& value : made) value = std::is_same_v<T, float> ? (T)input.value() : (T)input.number(0, 255);
  return made;
}

// What a product may be off by: each term rounds once or twice, and the smallest ones to a multiple of the least denormal number.
bool near(float got, double sum, double size, long terms) {
  if (!std::isfinite(sum) || size > 1e37) return true;
  return std::fabs(got - sum) <= ((double)terms + 4) * (size * 0x1p-24 + 0x1p-149);
}

void fuzzProduct(Input& input) {
  const bool transposed = input.flag(), chosen = !transposed && input.flag(), padded = !chosen && input.flag();
  const long M = input.length(60), N = input.length(600), K = input.length(700);
  if (M * N * K > 200000) return;
  const long width = padded ? (N + 15) / 16 * 16 : N, lda = (transposed ? M : K) + input.number(0, 3), ldb = width + (padded ? 0 : input.number(0, 3)), ldc = width + (padded ? 0 : input.number(0, 3));
  const long heightA = transposed ? K : M, rowsOfB = chosen ? input.number(1, 20) : K;
  const std::vector<float> A = values<float>((heightA - 1) * lda + (transposed ? M : K), input), B = values<float>((rowsOfB - 1) * ldb + width, input);
  std::vector<int32_t> rows((size_t)K);
  for (int32_t& row : rows) row = (int32_t)input.number(0, rowsOfB - 1);
  std::vector<float> C((size_t)((M - 1) * ldc + width), 77.0f), ahead = C;
  Fetch fetch;
  for (long more = input.number(0, 2); more > 0; more--) fetch.lines[fetch.count++] = ahead.data();
  fetch.stride = ldc;
  own::gemm(transposed, M, N, K, A.data(), lda, B.data(), ldb, C.data(), ldc, padded, fetch, chosen ? rows.data() : nullptr);
  if (K <= 512) {
    std::vector<float> small(C.size(), 77.0f);
    own::gemmSmall()(transposed, M, width, K, A.data(), lda, B.data(), ldb, small.data(), ldc, chosen ? rows.data() : nullptr);
    for (long m = 0; m < M; m++) expect(std::memcmp(&C[(size_t)(m * ldc)], &small[(size_t)(m * ldc)], (size_t)N * sizeof(float)) == 0, "a small product has other bits");
  }
  for (long m = 0; m < M; m++) {
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 0;
      for (long k = 0; k < K; k++) {
        const double term = (double)(transposed ? A[(size_t)(k * lda + m)] : A[(size_t)(m * lda + k)]) * (double)B[(size_t)((chosen ? rows[(size_t)k] : k) * ldb + n)];
        sum += term;
        size += std::fabs(term);
      }
      expect(near(C[(size_t)(m * ldc + n)], sum, size, K), "a product is wrong");
    }
    for (long n = width; n < ldc && m + 1 < M; n++) expect(C[(size_t)(m * ldc + n)] == 77.0f, "a product wrote between the lines of C");
  }
}

void fuzzRows(Input& input) {
  const bool chosen = input.flag();
  const long M = input.length(80), N = input.length(448), K = input.length(700), examples = chosen ? input.number(1, 20) : N;
  if (M * N * K > 200000) return;
  const long lda = K + input.number(0, 3), ldx = K + input.number(0, 3), ldc = N + input.number(0, 3);
  const std::vector<float> A = values<float>((M - 1) * lda + K, input), X = values<float>((examples - 1) * ldx + K, input);
  std::vector<int32_t> rows((size_t)N);
  for (long n = 0; n < N; n++) rows[(size_t)n] = (int32_t)(chosen ? input.number(0, examples - 1) : n);
  std::vector<float> B((size_t)(K * N)), memory((size_t)gemmRowsFloats(N), NAN), C((size_t)((M - 1) * ldc + N), 77.0f), expected = C;
  for (long n = 0; n < N; n++)
    for (long k = 0; k < K; k++) B[(size_t)(k * N + n)] = X[(size_t)(rows[(size_t)n] * ldx + k)];
  own::gemm(false, M, N, K, A.data(), lda, B.data(), N, expected.data(), ldc, false);
  gemmRows(M, N, K, A.data(), lda, X.data(), ldx, chosen ? rows.data() : nullptr, C.data(), ldc, memory.data());
  for (size_t i = 0; i < C.size(); i++) expect(std::memcmp(&C[i], &expected[i], sizeof(float)) == 0 || (std::isnan(C[i]) && std::isnan(expected[i])), "a product with rows has other bits");
}

void fuzzDots(Input& input) {
  const long M = input.length(100), N = input.number(1, mostDotColumns), K = input.length(700);
  const long lda = K + input.number(0, 3), ldc = (K + 15) / 16 * 16 + 16 * input.number(0, 1);
  const std::vector<float> A = values<float>((M - 1) * lda + K, input), B = values<float>(K * paddedLanes, input);
  std::vector<float> columns((size_t)((N - 1) * ldc + (K + 15) / 16 * 16), 77.0f), C((size_t)(M * paddedLanes), 77.0f), alone((size_t)paddedLanes);
  dotColumns(N, K, B.data(), columns.data(), ldc);
  for (long n = 0; n < N; n++)
    for (long k = 0; k < K; k++) expect(std::memcmp(&columns[(size_t)(n * ldc + k)], &B[(size_t)(k * paddedLanes + n)], sizeof(float)) == 0, "a column of dots is wrong");
  gemmDots(M, N, K, A.data(), lda, columns.data(), ldc, C.data());
  for (long m = 0; m < M; m++)
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 0;
      for (long k = 0; k < K; k++) {
        const double term = (double)A[(size_t)(m * lda + k)] * (double)B[(size_t)(k * paddedLanes + n)];
        sum += term;
        size += std::fabs(term);
      }
      expect(near(C[(size_t)(m * paddedLanes + n)], sum, size, K), "a product of dots is wrong");
    }
  const long line = input.number(0, M - 1);
  gemmDots(1, N, K, A.data() + line * lda, lda, columns.data(), ldc, alone.data());
  for (long n = 0; n < N; n++) {
    const float got = alone[(size_t)n], want = C[(size_t)(line * paddedLanes + n)];
    expect(std::memcmp(&got, &want, sizeof got) == 0 || (std::isnan(got) && std::isnan(want)), "a line of dots depends on the others");
  }
}

void fuzzVector(Input& input) {
  const bool transposed = input.flag();
  const long M = input.length(300), K = input.length(300), lda = (transposed ? M : K) + input.number(0, 3);
  const std::vector<float> A = values<float>(((transposed ? K : M) - 1) * lda + (transposed ? M : K), input), x = values<float>(K, input);
  std::vector<float> y((size_t)M, 77.0f);
  own::gemv(transposed, M, K, A.data(), lda, x.data(), y.data());
  for (long m = 0; m < M; m++) {
    double sum = 0, size = 0;
    for (long k = 0; k < K; k++) {
      const double term = (double)A[(size_t)(transposed ? k * lda + m : m * lda + k)] * (double)x[(size_t)k];
      sum += term;
      size += std::fabs(term);
    }
    expect(near(y[(size_t)m], sum, size, K), "a product with a vector is wrong");
  }
}

template <typename T>
void fuzzGather(Input& input) {
  const long width = input.length(120), rows = input.length(60), examples = rows + input.number(0, 9), ld = rows + input.number(0, 20);
  const long rowBegin = input.number(0, rows - 1) / 16 * 16, rowEnd = rowBegin + 1 + input.number(0, rows - rowBegin - 1);
  const long featureBegin = input.number(0, width - 1), featureEnd = featureBegin + 1 + input.number(0, width - featureBegin - 1), first = input.number(0, examples - rows);
  const std::vector<T> data = values<T>(examples * width, input);
  std::vector<int32_t> order((size_t)rows);
  for (int32_t& example : order) example = (int32_t)input.number(0, examples - 1);
  const bool ordered = input.flag();
  const long layouts = input.number(1, 3);
  const float scale = input.flag() ? 1.0f : 0.37f, shift = scale == 1.0f ? 0.0f : -0.6f;
  std::vector<float> columns((size_t)((width - 1) * ld + rows), 77.0f), lines((size_t)(rows * width), 77.0f);
  const bool finite = gather(data.data(), {ordered ? order.data() : nullptr, first, width, scale, shift, rowBegin, rowEnd, featureBegin, featureEnd,
                                           layouts & 1 ? columns.data() : nullptr, ld, layouts & 2 ? lines.data() : nullptr});
  bool allFinite = true;
  for (long r = 0; r < rows; r++)
    for (long f = 0; f < width; f++) {
      const bool inside = r >= rowBegin && r < rowEnd && f >= featureBegin && f < featureEnd;
      const float raw = (float)data[(size_t)((ordered ? order[(size_t)r] : first + r) * width + f)];
      volatile float product = raw * scale;
      const float want = inside ? product + shift : 77.0f;
      allFinite = allFinite && (!inside || std::isfinite(raw));
      const float wantColumn = layouts & 1 ? want : 77.0f, wantLine = layouts & 2 ? want : 77.0f;
      const float column = columns[(size_t)(f * ld + r)], line = lines[(size_t)(r * width + f)];
      expect((column == wantColumn || (std::isnan(column) && std::isnan(wantColumn))) && (line == wantLine || (std::isnan(line) && std::isnan(wantLine))), "a gather is wrong");
    }
  expect(finite == allFinite, "a gather did not notice what is finite");
}

void fuzzBfloat16(Input& input) {
  using namespace bfloat16;
  if (!available()) return;
  const long M = input.length(60), N = input.length(150), K = input.length(200);
  if (M * N * K > 200000) return;
  const long pairs = pairsOf(K), ldA = K + input.number(0, 3), ldB = N + input.number(0, 3), ldc = N + input.number(0, 3);
  const std::vector<float> A = values<float>((M - 1) * ldA + K, input), B = values<float>((K - 1) * ldB + N, input);  // B as [K, N]
  const bool inLines = input.flag();
  std::vector<uint32_t> packedA((size_t)(inLines ? M * rowStride(pairs) : panelsLength(M, K))), packedB((size_t)panelsLength(N, K));
  inLines ? packRows(M, K, A.data(), ldA, packedA.data()) : packPanels(M, K, A.data(), ldA, packedA.data());
  const long cut = input.number(0, pairs);
  packTransposed(N, K, B.data(), ldB, packedB.data(), cut, pairs);
  packTransposed(N, K, B.data(), ldB, packedB.data(), 0, cut);
  std::vector<float> C((size_t)((M - 1) * ldc + N), 77.0f);
  const float* const fetched[] = {C.data()};
  multiply(M, N, pairs, inLines ? inRows(packedA.data(), pairs) : inPanels(packedA.data(), pairs), packedB.data(), C.data(), ldc, {fetched, input.number(0, 1), ldc});
  for (long m = 0; m < M; m++) {
    for (long n = 0; n < N; n++) {
      double sum = 0, size = 0;
      for (long k = 0; k < K; k++) {
        const double term = (double)widened(rounded(A[(size_t)(m * ldA + k)])) * (double)widened(rounded(B[(size_t)(k * ldB + n)]));
        sum += term;
        size += std::fabs(term);
      }
      expect(near(C[(size_t)(m * ldc + n)], sum, size + 1e-37, K), "a product rounded to bfloat16 is wrong");
    }
    for (long n = N; n < ldc && m + 1 < M; n++) expect(C[(size_t)(m * ldc + n)] == 77.0f, "a product wrote between the lines of C");
  }
}

#define DENSELY_STEP(op, destination, a, b, c) {Elementwise::op, destination, a, b, c}
#define DENSELY_CHAIN(inputs, outs, registers, numbers, sums, ...) {inputs, outs, registers, numbers, sums, {__VA_ARGS__}},
struct Step { Elementwise op; int destination, a, b, c; };
struct Known { int inputs, outs, registers; uint32_t numbers, sums; std::vector<Step> steps; };
const Known known[] = {
#include DENSELY_CHAIN_LIST
};

// A chain compiled ahead has the bits of its operations one by one.
void fuzzChain(Input& input) {
  const Known& chain = known[(size_t)input.number(0, 255) % (sizeof known / sizeof *known)];
  const long lines = input.number(1, 5), n = input.length(700), valid = chain.sums != 0 ? n - input.number(0, std::min(n - 1, 15L)) : n, stride = n + input.number(0, 5);
  std::vector<uint64_t> codes;
  std::vector<float> immediates;
  for (const auto& [op, destination, a, b, c] : chain.steps) codes.push_back(codeStep(op, destination, a, b, c)), immediates.push_back(input.value());
  const ChainCode code = findChainCode({chain.inputs, chain.outs, chain.registers, chain.numbers, chain.sums, codes.data(), (int)codes.size()});
  expect(code != nullptr, "a known chain was not found");
  ChainView view{lines, n, valid, {}, {}, {}, {}};
  std::vector<std::vector<float>> ins, outs;
  for (int i = 0; i < chain.inputs; i++) {
    const bool number = chain.numbers >> i & 1;
    ins.push_back(values<float>(number ? lines : (lines - 1) * stride + n, input));
    view.in[i] = ins.back().data();
    view.inStride[i] = number ? 1 : stride;
  }
  for (int i = 0; i < chain.outs; i++) {
    const bool sum = chain.sums >> i & 1;
    outs.emplace_back((size_t)(sum ? lines : (lines - 1) * stride + n), 77.0f);
    view.outStride[i] = sum ? 1 : stride;
  }
  for (int i = 0; i < chain.outs; i++) view.out[i] = outs[(size_t)i].data();
  code(view, immediates.data(), nullptr);
  std::vector<std::vector<float>> work((size_t)(chain.inputs + chain.outs + chain.registers), std::vector<float>((size_t)n));
  for (long line = 0; line < lines; line++) {
    for (int i = 0; i < chain.inputs; i++)
      for (long k = 0; k < n; k++) work[(size_t)i][(size_t)k] = ins[(size_t)i][(size_t)(chain.numbers >> i & 1 ? line : line * stride + k)];
    for (size_t s = 0; s < chain.steps.size(); s++) {
      const auto& [op, destination, a, b, c] = chain.steps[s];
      if (op != Elementwise::sumColumns) {
        elementwiseKernel((int)op)(work[(size_t)destination].data(), work[(size_t)a].data(), work[(size_t)b].data(), work[(size_t)c].data(), immediates[s], n);
        continue;
      }
      double sum = 0, size = 0;
      for (long k = 0; k < valid; k++) sum += work[(size_t)a][(size_t)k], size += std::fabs(work[(size_t)a][(size_t)k]);
      expect(near(outs[(size_t)(destination - chain.inputs)][(size_t)line], sum, size, valid), "a chain's sum is wrong");
    }
    for (int i = 0; i < chain.outs; i++) {
      if (chain.sums >> i & 1) continue;
      const float* got = outs[(size_t)i].data() + line * stride;
      const std::vector<float>& want = work[(size_t)(chain.inputs + i)];
      for (long k = 0; k < n; k++) expect(std::memcmp(&got[k], &want[(size_t)k], sizeof(float)) == 0 || (std::isnan(got[k]) && std::isnan(want[(size_t)k])), "a chain's value is wrong");
    }
  }
}

// Every elementwise operation keeps to its memory, works in place, and gives each element the bits it has alone.
void fuzzElementwise(Input& input) {
  const int op = (int)input.number(0, (int)Elementwise::sumColumns - 1);
  const long n = input.length(200);
  const float immediate = input.value();
  const ElementwiseKernel kernel = elementwiseKernel(op);
  std::vector<float> a = values<float>(n, input), b = values<float>(n, input), c = values<float>(n, input), y((size_t)n);
  kernel(y.data(), a.data(), elementwiseArity[op] > 1 ? b.data() : nullptr, elementwiseArity[op] > 2 ? c.data() : nullptr, immediate, n);
  const long i = input.number(0, n - 1);
  float alone;
  kernel(&alone, &a[(size_t)i], &b[(size_t)i], &c[(size_t)i], immediate, 1);
  expect(std::memcmp(&alone, &y[(size_t)i], sizeof alone) == 0 || (std::isnan(alone) && std::isnan(y[(size_t)i])), "an operation depends on its neighbours");
  kernel(a.data(), a.data(), b.data(), c.data(), immediate, n);
  for (long k = 0; k < n; k++) expect(std::memcmp(&a[(size_t)k], &y[(size_t)k], sizeof(float)) == 0 || (std::isnan(a[(size_t)k]) && std::isnan(y[(size_t)k])), "an operation differs in place");
}

void fuzzReduction(Input& input) {
  const long n = input.length(1000);
  const std::vector<float> x = values<float>(n, input);
  double sum = 0, size = 0;
  float largest = -INFINITY;
  bool hasNaN = false;
  for (const float value : x) sum += value, size += std::fabs(value), largest = std::max(largest, value), hasNaN = hasNaN || std::isnan(value);
  expect(near(sumOf(x.data(), n), sum, size, n) && near((float)sumOfMany(x.data(), n), sum, size, n), "a sum is wrong");
  const float found = maximumOf(x.data(), n);
  expect(hasNaN ? std::isnan(found) : found == largest, "a maximum is wrong");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const long what = input.number(0, 10);
  input.special = input.flag();
  switch (what) {
    case 0: fuzzProduct(input); break;
    case 1: fuzzVector(input); break;
    case 2: fuzzGather<float>(input); break;
    case 3: fuzzGather<uint8_t>(input); break;
    case 4: fuzzGather<int32_t>(input); break;
    case 5: fuzzBfloat16(input); break;
    case 6: fuzzChain(input); break;
    case 7: fuzzElementwise(input); break;
    case 8: fuzzDots(input); break;
    case 9: fuzzRows(input); break;
    default: fuzzReduction(input);
  }
  return 0;
}
