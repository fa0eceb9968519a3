// Loops over classes for many examples side by side: class c of example i is x[c * stride + i].
#pragma once
#include "elementwise.h"

namespace densely {

constexpr long laneBlock = 128;   // examples side by side at most
constexpr long classGroup = 32;   // classes whose exponentials are summed before they are added to the total

struct LaneKernels {
  // largest[i] over k classes, 0 where all are −∞: subtracting it then gives exponentials of 0 and no NaN.
  void (*largest)(float* largest, const float* x, long k, long stride, long n);
  // y[i] = the first class of the largest x[c, i], for whole vectors or n = 1
  void (*first)(float* y, const float* x, long k, long stride, long n);
  // y = x − m
  void (*subtract)(float* y, long strideY, const float* x, long stride, const float* m, long k, long n);
  // sum[i] += Σ x
  void (*add)(float* sum, const float* x, long k, long stride, long n);
  // y = y · f
  void (*multiply)(float* y, long strideY, const float* f, long k, long n);
  // loss[i] = Σ t (logSum − (z − m)) and total[i] = Σ t; a class without probability adds nothing, even where its logit is −∞.
  void (*loss)(float* loss, float* total, const float* z, const float* t, const float* m, const float* logSum, long k, long stride, long n);
  // y = y · f − t
  void (*delta)(float* y, const float* f, const float* t, long k, long stride, long n);
};

LaneKernels laneKernels();

}  // namespace densely
