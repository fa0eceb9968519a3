// What each elementwise operation computes, on one vector. Included anew for each instruction set.
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
    case Elementwise::sumColumns: break;
  }
  return a;
}

constexpr int arity(Elementwise op) {
  return op >= Elementwise::multiplyAdd && op <= Elementwise::select ? 3 : op >= Elementwise::add && op <= Elementwise::equal ? 2 : 1;
}

}  // namespace densely::DENSELY_ISA
#endif
