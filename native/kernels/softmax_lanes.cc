// Loops over classes and examples side by side.
#define DENSELY_KERNELS "softmax_lanes.cc"
#include "vector_math.h"

#include "softmax_lanes.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

static void largest(float* __restrict largest, const float* __restrict x, long k, long stride, long n) {
  for (long i = 0; i < n; i++) largest[i] = x[i];
  for (long c = 1; c < k; c++) {
    for (long i = 0; i < n; i++) {
      const float value = x[c * stride + i];
      largest[i] = value > largest[i] || value != value ? value : largest[i];
    }
  }
  for (long i = 0; i < n; i++) largest[i] = largest[i] == -INFINITY ? 0 : largest[i];
}

static void first(float* y, const float* x, long k, long stride, long n) {
  for (long i = 0; i < n; i += lanes) {
    const long count = n - i < lanes ? n - i : lanes;
    const auto read = [&](long c) { return count == lanes ? load(x + c * stride + i) : loadPart(x + c * stride + i, count); };
    Vector largest = read(0), best = {};
    for (long c = 1; c < k; c++) {
      const Vector value = read(c);
      best = value > largest ? all((float)c) : best;
      largest = value > largest ? value : largest;
    }
    if (count == lanes) store(y + i, best);
    else storePart(y + i, best, count);
  }
}

static void subtract(float* __restrict y, long strideY, const float* __restrict x, long stride, const float* __restrict m, long k, long n) {
  for (long c = 0; c < k; c++)
    for (long i = 0; i < n; i++) y[c * strideY + i] = x[c * stride + i] - m[i];
}

static void add(float* __restrict sum, const float* __restrict x, long k, long stride, long n) {
  float group[laneBlock];
  for (long i = 0; i < n; i++) group[i] = x[i];
  for (long c = 1; c < k; c++)
    for (long i = 0; i < n; i++) group[i] += x[c * stride + i];
  for (long i = 0; i < n; i++) sum[i] += group[i];
}

static void multiply(float* __restrict y, long strideY, const float* __restrict f, long k, long n) {
  for (long c = 0; c < k; c++)
    for (long i = 0; i < n; i++) y[c * strideY + i] *= f[i];
}

static void loss(float* __restrict loss, float* __restrict total, const float* __restrict z, const float* __restrict t, const float* __restrict m,
                 const float* __restrict logSum, long k, long stride, long n) {
  for (long i = 0; i < n; i++) loss[i] = total[i] = 0;
  for (long c = 0; c < k; c++) {
    for (long i = 0; i < n; i++) {
      const float target = t[c * stride + i], term = target * (logSum[i] - (z[c * stride + i] - m[i]));
      loss[i] += target != 0 ? term : 0;
      total[i] += target;
    }
  }
}

static void delta(float* __restrict y, const float* __restrict f, const float* __restrict t, long k, long stride, long n) {
  for (long c = 0; c < k; c++)
    for (long i = 0; i < n; i++) y[c * stride + i] = y[c * stride + i] * f[i] - t[c * stride + i];
}

static LaneKernels laneKernels() { return {largest, first, subtract, add, multiply, loss, delta}; }

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

LaneKernels laneKernels() { return DENSELY_CHOOSE(laneKernels)(); }

}  // namespace densely

#endif
