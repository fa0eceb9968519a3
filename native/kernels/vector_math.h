// Vectors as wide as the processor's registers, and kernels compiled once for each instruction set.
//
// A source file of kernels begins with
//   #define DENSELY_KERNELS "its own name"
//   #include "vector_math.h"
// and keeps its vector code under #ifdef DENSELY_ISA, in namespace densely::DENSELY_ISA: this header includes the file again
// for each set, under that set's target. Below it, DENSELY_CHOOSE(name) is the function of that name for this processor.
#ifndef DENSELY_ISA

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "isa.h"

#define DENSELY_INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define DENSELY_PRAGMA(text) _Pragma(#text)
#define DENSELY_TARGET(features) DENSELY_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define DENSELY_END_TARGET _Pragma("clang attribute pop")
#else
#define DENSELY_PRAGMA(text) _Pragma(#text)
#define DENSELY_TARGET(features) _Pragma("GCC push_options") DENSELY_PRAGMA(GCC target(features))
#define DENSELY_END_TARGET _Pragma("GCC pop_options")
#endif

// DENSELY_WIDEST (512, 256, 128 bits) leaves the wider kernels out of a build that is to be quick.
#ifndef DENSELY_WIDEST
#define DENSELY_WIDEST 512
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#if DENSELY_WIDEST >= 512
#define DENSELY_AVX512_FEATURES "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#define DENSELY_CHOOSE_AVX512(name) ::densely::vectorBits() >= 512 ? avx512::name :
#else
#define DENSELY_CHOOSE_AVX512(name)
#endif
#if DENSELY_WIDEST >= 256
#define DENSELY_CHOOSE_AVX2(name) ::densely::vectorBits() >= 256 ? avx2::name :
#else
#define DENSELY_CHOOSE_AVX2(name)
#endif
#define DENSELY_CHOOSE(name) (DENSELY_CHOOSE_AVX512(name) DENSELY_CHOOSE_AVX2(name) baseline::name)
#else
#if defined(__aarch64__)
#include <arm_neon.h>
#endif
#define DENSELY_CHOOSE(name) (baseline::name)
#endif

#if defined(__x86_64__) && DENSELY_WIDEST >= 512
DENSELY_TARGET(DENSELY_AVX512_FEATURES)
#define DENSELY_ISA avx512
#define DENSELY_LANES 16
#define DENSELY_REGISTERS 32
#include DENSELY_KERNELS
#undef DENSELY_ISA
#undef DENSELY_LANES
#undef DENSELY_REGISTERS
DENSELY_END_TARGET
#endif

#if defined(__x86_64__) && DENSELY_WIDEST >= 256
DENSELY_TARGET("avx2,fma")
#define DENSELY_ISA avx2
#define DENSELY_LANES 8
#define DENSELY_REGISTERS 16
#include DENSELY_KERNELS
#undef DENSELY_ISA
#undef DENSELY_LANES
#undef DENSELY_REGISTERS
DENSELY_END_TARGET
#endif

#define DENSELY_ISA baseline
#define DENSELY_LANES 4
#if defined(__aarch64__)
#define DENSELY_REGISTERS 32
#else
#define DENSELY_REGISTERS 16
#endif
#include DENSELY_KERNELS
#undef DENSELY_ISA
#undef DENSELY_LANES
#undef DENSELY_REGISTERS

#else  // inside one of the inclusions above

namespace densely::DENSELY_ISA {

constexpr int lanes = DENSELY_LANES;
typedef float Vector __attribute__((vector_size(4 * DENSELY_LANES)));
typedef int32_t Integers __attribute__((vector_size(4 * DENSELY_LANES)));

DENSELY_INLINE Vector load(const float* x) {
  Vector v;
  std::memcpy(&v, x, sizeof v);
  return v;
}
DENSELY_INLINE void store(float* y, Vector v) { std::memcpy(y, &v, sizeof v); }

// The first `count` < lanes floats; the other lanes are zero, and never touched in memory.
DENSELY_INLINE Vector loadPart(const float* x, long count) {
#if defined(__x86_64__) && DENSELY_LANES == 16
  return (Vector)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x);
#elif defined(__x86_64__) && DENSELY_LANES == 8
  const Integers position = {0, 1, 2, 3, 4, 5, 6, 7};
  return (Vector)_mm256_maskload_ps(x, (__m256i)(position < (int32_t)count));
#else
  return Vector{count > 0 ? x[0] : 0.0f, count > 1 ? x[1] : 0.0f, count > 2 ? x[2] : 0.0f, 0.0f};
#endif
}
DENSELY_INLINE void storePart(float* y, Vector v, long count) {
#if defined(__x86_64__) && DENSELY_LANES == 16
  _mm512_mask_storeu_ps(y, (__mmask16)((1u << count) - 1), (__m512)v);
#elif defined(__x86_64__) && DENSELY_LANES == 8
  const Integers position = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_ps(y, (__m256i)(position < (int32_t)count), (__m256)v);
#else
  for (long i = 0; i < count; i++) y[i] = v[i];
#endif
}

DENSELY_INLINE Vector all(float x) { return x - Vector{}; }
DENSELY_INLINE Integers bitsOf(Vector v) { return (Integers)v; }
DENSELY_INLINE Vector floatOf(Integers v) { return (Vector)v; }

// Keeps a product from being fused with the addition that follows.
template <typename V>
DENSELY_INLINE V unfused(V product) {
#if defined(__x86_64__)
  asm("" : "+v"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

template <int DISTANCE, int... LANE>
DENSELY_INLINE Vector addAcross(Vector v, std::integer_sequence<int, LANE...>) {
  return v + __builtin_shufflevector(v, v, (LANE ^ DISTANCE)...);
}
DENSELY_INLINE float sumLanes(Vector v) {
  using Lanes = std::make_integer_sequence<int, lanes>;
  if constexpr (lanes > 8) v = addAcross<8>(v, Lanes());
  if constexpr (lanes > 4) v = addAcross<4>(v, Lanes());
  v = addAcross<2>(v, Lanes());
  v = addAcross<1>(v, Lanes());
  return v[0];
}

// Butterfly with partners `distance` apart: afterwards lane bit and row bit of that weight are exchanged.
template <int DISTANCE, int... LANE>
DENSELY_INLINE void exchange(Vector& low, Vector& high, std::integer_sequence<int, LANE...>) {
  const Vector a = low, b = high;
  low = __builtin_shufflevector(a, b, ((LANE & DISTANCE) ? lanes + LANE - DISTANCE : LANE)...);
  high = __builtin_shufflevector(a, b, ((LANE & DISTANCE) ? lanes + LANE : LANE + DISTANCE)...);
}

template <int DISTANCE>
DENSELY_INLINE void exchangeAll(Vector* v) {
#pragma GCC unroll 16
  for (int row = 0; row < lanes; row++)
    if (!(row & DISTANCE)) exchange<DISTANCE>(v[row], v[row + DISTANCE], std::make_integer_sequence<int, lanes>());
}


// Reduction of the argument for exp and expm1: x = n·ln 2 + r with |r| <= ln 2 / 2. Adding 1.5·2^23 rounds to an integer.
constexpr float log2e = 1.44269504089f, ln2High = 0.693145751953125f, ln2Low = 1.42860677e-6f, roundingShift = 12582912.0f;

DENSELY_INLINE Vector powerOfTwo(Integers n) { return floatOf((n + 127) << 23); }

// x · 2^n in two factors, so that the result may be infinite or denormal: |n| <= 252.
DENSELY_INLINE Vector scaleByPower(Vector x, Integers n) {
  const Integers half = n >> 1;
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

// (e^r − 1 − r) / r² for |r| <= 0.35; polynomial of Cephes' expf.
DENSELY_INLINE Vector expTail(Vector r) {
  Vector p = all(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  return p * r + 5.0000001201e-1f;
}

DENSELY_INLINE Vector exp(Vector x) {
  x = x > 89.0f ? all(89.0f) : x;
  x = x < -105.0f ? all(-105.0f) : x;
  const Vector shifted = x * log2e + roundingShift, n = shifted - roundingShift;
  const Vector r = (x - n * ln2High) - n * ln2Low;
  return scaleByPower(1.0f + (r + r * r * expTail(r)), bitsOf(shifted) - bitsOf(all(roundingShift)));
}

// e^x − 1 for x <= 1, without cancellation near 0.
DENSELY_INLINE Vector expm1Negative(Vector x) {
  x = x < -50.0f ? all(-50.0f) : x;
  const Vector shifted = x * log2e + roundingShift, n = shifted - roundingShift;
  const Vector r = (x - n * ln2High) - n * ln2Low;
  const Vector power = powerOfTwo(bitsOf(shifted) - bitsOf(all(roundingShift)));
  return (r + r * r * expTail(r)) * power + (power - 1.0f);
}

DENSELY_INLINE Vector expm1(Vector x) { return x > 1.0f ? exp(x) - 1.0f : expm1Negative(x); }

DENSELY_INLINE Vector magnitude(Vector x) { return floatOf(bitsOf(x) & 0x7fffffff); }
DENSELY_INLINE Vector withSignOf(Vector x, Vector sign) { return floatOf(bitsOf(x) | (bitsOf(sign) & INT32_MIN)); }

// log((1 + f)·2^n) for f in [√½ − 1, √2 − 1]; polynomial of Cephes' logf.
DENSELY_INLINE Vector logOfParts(Vector f, Vector n) {
  const Vector square = f * f;
  Vector p = all(7.0376836292e-2f);
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const Vector tail = p * f * square + (n * ln2Low - 0.5f * square);
  return (tail + f) + n * ln2High;
}

DENSELY_INLINE Vector log(Vector x) {
  const auto tiny = x < 1.17549435e-38f;
  const Vector normal = magnitude(tiny ? x * 8388608.0f : x);
  const Integers exponent = (bitsOf(normal) - 0x3f3504f3) >> 23;  // 0x3f3504f3 is √½
  const Vector n = __builtin_convertvector(exponent - (tiny & 23), Vector);
  const Vector y = logOfParts(floatOf(bitsOf(normal) - (exponent << 23)) - 1.0f, n);
  const Vector edge = x == 0.0f ? all(-INFINITY) : x < 0.0f ? all(NAN) : x;  // 0, negative, infinite and NaN
  return (x > 0.0f) & (x < INFINITY) ? y : edge;
}

// log(1 + x) for 0 <= x <= 1: the logarithm of the rounded sum, corrected by what the rounding lost.
DENSELY_INLINE Vector log1pOfUnit(Vector x) {
  const Vector sum = 1.0f + x;
  const Vector lost = x - (sum - 1.0f);
  const Integers exponent = (bitsOf(sum) - 0x3f3504f3) >> 23;
  const Vector f = floatOf(bitsOf(sum) - (exponent << 23)) - 1.0f;
  return logOfParts(f, __builtin_convertvector(exponent, Vector)) + lost / sum;
}

// log(1 + x): the logarithm of the rounded sum, corrected by what the rounding lost.
DENSELY_INLINE Vector log1p(Vector x) {
  const Vector sum = 1.0f + x;
  const Vector lost = x > 1.0f ? 1.0f - (sum - x) : x - (sum - 1.0f);
  const Vector y = log(sum);
  return (sum > 0.0f) & (sum < INFINITY) ? y + lost / sum : y;
}

// Up to 0.93 x + x·P(x²), beyond it 1 − e^Q(|x|); both polynomials fitted for the least largest relative error.
DENSELY_INLINE Vector erf(Vector x) {
  const Vector square = x * x;
  Vector p = all(-5.953741793e-4f);
  p = p * square + 4.985940623e-3f;
  p = p * square - 2.676171989e-2f;
  p = p * square + 1.128168254e-1f;
  p = p * square - 3.761248110e-1f;
  p = p * square + 1.283791477e-1f;
  const Vector size = magnitude(x), t = size > 4.0f ? all(4.0f) : size;  // at 4 it is 1 in single precision
  Vector q = all(1.959372393e-4f);
  q = q * t - 3.043217414e-3f;
  q = q * t + 2.222692044e-2f;
  q = q * t - 1.039315971e-1f;
  q = q * t - 6.371822470e-1f;
  q = q * t - 1.127675627f;
  q = q * t - 1.956755722e-4f;
  return size < 0.93f ? x + x * p : withSignOf(1.0f - exp(q), x);
}

// Both by way of e^−|x|, which cannot overflow.
DENSELY_INLINE Vector sigmoid(Vector x) {
  const Vector e = exp(-magnitude(x));
  return (x < 0.0f ? e : all(1.0f)) / (1.0f + e);
}
DENSELY_INLINE Vector softplus(Vector x) { return (x > 0.0f ? x : Vector{}) + log1pOfUnit(exp(-magnitude(x))); }

DENSELY_INLINE Vector tanh(Vector x) {
  const Vector e = expm1Negative(-2.0f * magnitude(x));
  return withSignOf(magnitude(e / (e + 2.0f)), x);
}

DENSELY_INLINE Vector squareRoot(Vector x) {
#if defined(__x86_64__) && DENSELY_LANES == 16
  return (Vector)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
#elif defined(__x86_64__) && DENSELY_LANES == 8
  return (Vector)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (Vector)_mm_sqrt_ps((__m128)x);
#elif defined(__aarch64__)
  return (Vector)vsqrtq_f32((float32x4_t)x);
#else
  for (int i = 0; i < lanes; i++) x[i] = std::sqrt(x[i]);
  return x;
#endif
}

// sin(x + quarterTurns·π/2). The argument is reduced in double, exactly enough up to 1e5; std:: takes what lies beyond.
DENSELY_INLINE Vector sineOf(Vector x, int32_t quarterTurns) {
  typedef float Half __attribute__((vector_size(2 * DENSELY_LANES)));
  typedef double HalfDouble __attribute__((vector_size(4 * DENSELY_LANES)));
  constexpr double twoOverPi = 0.63661977236758134308, shift = 6755399441055744.0;
  constexpr double piHigh = 1.57079632673412561417, piLow = 6.07710050650619224932e-11;  // π/2 = high (33 bits) + low
  Half part[2], reduced[2], turn[2];
  std::memcpy(part, &x, sizeof x);
  for (int i = 0; i < 2; i++) {
    const HalfDouble wide = __builtin_convertvector(part[i], HalfDouble);
    const HalfDouble turns = (wide * twoOverPi + shift) - shift;
    reduced[i] = __builtin_convertvector((wide - turns * piHigh) - turns * piLow, Half);
    turn[i] = __builtin_convertvector(turns, Half);
  }
  Vector r, turns;
  std::memcpy(&r, reduced, sizeof r);
  std::memcpy(&turns, turn, sizeof turns);
  const Vector limited = magnitude(turns) < 65536.0f ? turns : Vector{};
  const Integers quadrant = __builtin_convertvector(limited, Integers) + quarterTurns;
  const Vector square = r * r;
  Vector s = all(-1.9515295891e-4f), c = all(2.443315711809948e-5f);
  s = (s * square + 8.3321608736e-3f) * square - 1.6666654611e-1f;
  c = (c * square - 1.388731625493765e-3f) * square + 4.166664568298827e-2f;
  const Vector sine = r + r * square * s, cosine = (1.0f - 0.5f * square) + square * square * c;
  const Vector y = floatOf(bitsOf((quadrant & 1) != 0 ? cosine : sine) ^ ((quadrant & 2) << 30));
  Vector result = y;
  const Integers beyond = magnitude(x) > 1e5f;
  for (int i = 0; i < lanes; i++)
    if (beyond[i]) result[i] = quarterTurns ? std::cos(x[i]) : std::sin(x[i]);
  return result;
}

}  // namespace densely::DENSELY_ISA

#endif
