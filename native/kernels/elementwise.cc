// The elementwise kernels: one loop, instantiated for each operation and compiled for each instruction set.
#define DENSELY_KERNELS "elementwise.cc"
#include "elementwise.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
#include "elementwise_apply.h"
namespace densely::DENSELY_ISA {

template <Elementwise OP>
static void pass(float* y, const float* a, const float* b, const float* c, float immediate, long n) {
  const Vector constant = all(immediate), none = {};
  long i = 0;
  for (; i + lanes <= n; i += lanes)
    store(y + i, apply<OP>(load(a + i), arity(OP) > 1 ? load(b + i) : none, arity(OP) > 2 ? load(c + i) : none, constant));
  if (i < n)
    storePart(y + i, apply<OP>(loadPart(a + i, n - i), arity(OP) > 1 ? loadPart(b + i, n - i) : none,
                               arity(OP) > 2 ? loadPart(c + i, n - i) : none, constant), n - i);
}

template <int... OP>
static ElementwiseKernel kernelOf(int op, std::integer_sequence<int, OP...>) {
  static constexpr ElementwiseKernel table[] = {pass<static_cast<Elementwise>(OP)>...};
  return table[op];
}

ElementwiseKernel kernel(int op) { return kernelOf(op, std::make_integer_sequence<int, static_cast<int>(Elementwise::sumColumns)>()); }

void splat(float* y, float value, long n) {
  const Vector constant = all(value);
  long i = 0;
  for (; i + lanes <= n; i += lanes) store(y + i, constant);
  if (i < n) storePart(y + i, constant, n - i);
}

// Four vectors of partial sums.
float sumOf(const float* x, long n) {
  Vector sum[4] = {};
  long i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (int v = 0; v < 4; v++) sum[v] += load(x + i + v * lanes);
  for (; i + lanes <= n; i += lanes) sum[0] += load(x + i);
  if (i < n) sum[1] += loadPart(x + i, n - i);
  return sumLanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

const char* const elementwiseNames[] = {
    "copy",    "negate",   "abs",    "sign",     "square", "sqrt",    "reciprocal", "exp",    "log",         "sigmoid", "tanh",
    "relu",    "leakyRelu", "elu",   "softplus", "sin",    "cos",     "erf",        "log1p",  "expm1",       "step",    "scale",
    "shift",   "add",      "subtract",
    "multiply", "divide",  "maximum", "minimum", "power",  "greater", "equal",      "multiplyAdd", "select", "sumColumns"};
const int elementwiseArity[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 1};
const int elementwiseCount = sizeof elementwiseNames / sizeof *elementwiseNames;
static_assert(sizeof elementwiseNames / sizeof *elementwiseNames == static_cast<int>(Elementwise::sumColumns) + 1);
static_assert(sizeof elementwiseArity / sizeof *elementwiseArity == static_cast<int>(Elementwise::sumColumns) + 1);

ElementwiseKernel elementwiseKernel(int op) {
  if (op < 0 || op >= static_cast<int>(Elementwise::sumColumns)) return nullptr;
  return DENSELY_CHOOSE(kernel)(op);
}

void splat(float* y, float value, long n) {
  static const auto kernel = DENSELY_CHOOSE(splat);
  kernel(y, value, n);
}

float sumOf(const float* x, long n) {
  static const auto kernel = DENSELY_CHOOSE(sumOf);
  return kernel(x, n);
}

}  // namespace densely
#endif
