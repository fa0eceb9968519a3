// The elementwise kernels: one loop, instantiated for each operation and compiled for each instruction set.
#define DENSELY_KERNELS "elementwise.cc"
#include "elementwise.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

// NaN comes through where a comparison alone would lose it.
template <Elementwise OP>
DENSELY_INLINE Vector apply(Vector a, Vector b, Vector c, Vector immediate) {
  const Vector zero = {}, one = zero + 1.0f;
  switch (OP) {
    case Elementwise::copy: return a;
    case Elementwise::negate: return -a;
    case Elementwise::abs: return magnitude(a);
    case Elementwise::sign: return a > zero ? one : a < zero ? -one : a;
    case Elementwise::square: return a * a;
    case Elementwise::sqrt: return squareRoot(a);
    case Elementwise::reciprocal: return one / a;
    case Elementwise::exp: return exp(a);
    case Elementwise::log: return log(a);
    case Elementwise::sigmoid: return sigmoid(a);
    case Elementwise::tanh: return tanh(a);
    case Elementwise::relu: return a <= zero ? zero : a;
    case Elementwise::leakyRelu: return a > zero ? a : immediate * a;
    case Elementwise::elu: return a > zero ? a : immediate * expm1Negative(a);
    case Elementwise::softplus: return softplus(a);
    case Elementwise::sin: return sineOf(a, 0);
    case Elementwise::cos: return sineOf(a, 1);
    case Elementwise::erf: return erf(a);
    case Elementwise::log1p: return log1p(a);
    case Elementwise::expm1: return expm1(a);
    case Elementwise::step: return a > zero ? one : zero;
    case Elementwise::scale: return immediate * a;
    case Elementwise::shift: return a + immediate;
    case Elementwise::add: return a + b;
    case Elementwise::subtract: return a - b;
    case Elementwise::multiply: return a * b;
    case Elementwise::divide: return a / b;
    case Elementwise::maximum: return (a >= b) | (a != a) ? a : b;
    case Elementwise::minimum: return (a <= b) | (a != a) ? a : b;
    case Elementwise::power:
      for (int i = 0; i < lanes; i++)  // ±1 to an infinite or NaN power is NaN, as in JavaScript
        a[i] = std::fabs(a[i]) == 1.0f && !std::isfinite(b[i]) ? NAN : std::pow(a[i], b[i]);
      return a;
    case Elementwise::greater: return a > b ? one : zero;
    case Elementwise::equal: return a == b ? one : zero;
    case Elementwise::multiplyAdd: return a * b + c;
    case Elementwise::select: return a != zero ? b : c;
    case Elementwise::sumColumns: return a;
  }
}

constexpr int arity(Elementwise op) {
  return op >= Elementwise::multiplyAdd && op <= Elementwise::select ? 3 : op >= Elementwise::add && op <= Elementwise::equal ? 2 : 1;
}

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
