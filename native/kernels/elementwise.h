// The elementwise operations of a chain, each a pass over contiguous floats.
#pragma once

namespace densely {

enum class Elementwise : int {
  copy, negate, abs, sign, square, sqrt, reciprocal, exp, log, sigmoid, tanh, relu, leakyRelu, elu, softplus, sin, cos, erf, log1p, expm1,
  step, scale, shift, add, subtract, multiply, divide, maximum, minimum, power, greater, equal, multiplyAdd, select, sumColumns
};

extern const char* const elementwiseNames[];
extern const int elementwiseArity[];  // how many of a, b and c the operation reads
extern const int elementwiseCount;

// y[i] = op(a[i], b[i], c[i], immediate) for i < n. y may be the same memory as a, b or c; operands not read may be null.
using ElementwiseKernel = void (*)(float* y, const float* a, const float* b, const float* c, float immediate, long n);

// The kernel of an operation for this processor; null for sumColumns, which is sumOf over each line.
ElementwiseKernel elementwiseKernel(int op);

// y[i] = value
void splat(float* y, float value, long n);

// The sum of x in an order fixed by n, in 8 or more partial sums.
float sumOf(const float* x, long n);

}  // namespace densely
