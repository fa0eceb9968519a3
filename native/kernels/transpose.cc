// Transposition through registers, square blocks at a time, and the gather of a minibatch.
#define DENSELY_KERNELS "transpose.cc"
#include "transpose.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

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

DENSELY_INLINE void transposeSquare(Vector* v) {
  exchangeAll<1>(v);
  exchangeAll<2>(v);
  if constexpr (lanes > 4) exchangeAll<4>(v);
  if constexpr (lanes > 8) exchangeAll<8>(v);
}

// One vector of raw values as floats.
DENSELY_INLINE Vector loadRaw(const float* x) { return load(x); }
DENSELY_INLINE Vector loadRaw(const int32_t* x) {
  Integers raw;
  std::memcpy(&raw, x, sizeof raw);
  return __builtin_convertvector(raw, Vector);
}
DENSELY_INLINE Vector loadRaw(const uint8_t* x) {
#if defined(__x86_64__) && DENSELY_LANES == 16
  const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
  return __builtin_convertvector((Integers)_mm512_maskz_cvtepu8_epi32(0xffff, raw), Vector);
#elif defined(__x86_64__) && DENSELY_LANES == 8
  const __m128i raw = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(x));
  return __builtin_convertvector((Integers)_mm256_cvtepu8_epi32(raw), Vector);
#else
  return Vector{float(x[0]), float(x[1]), float(x[2]), float(x[3])};
#endif
}

// The first `count` values.
template <typename T>
DENSELY_INLINE Vector loadRawPart(const T* x, long count) {
  T raw[lanes] = {};
  std::memcpy(raw, x, count * sizeof(T));
  return loadRaw(raw);
}

// raw * scale + shift, rounded twice as the TypeScript backend rounds it.
template <typename V>
DENSELY_INLINE V affine(V raw, float scale, float shift) { return unfused(raw * scale) + shift; }

// y[f*ldy + r] for up to a square of rows and features.
template <typename T>
static void gatherEdge(const T* const* source, long rows, long begin, long end, float scale, float shift, float* y, long ldy) {
  if (rows * (end - begin) <= 2 * lanes) {
    for (long f = begin; f < end; f++)
      for (long r = 0; r < rows; r++) y[f * ldy + r] = affine(static_cast<float>(source[r][f]), scale, shift);
    return;
  }
  Vector square[lanes] = {};
  for (long r = 0; r < rows; r++)
    square[r] = affine(end - begin == lanes ? loadRaw(source[r] + begin) : loadRawPart(source[r] + begin, end - begin), scale, shift);
  transposeSquare(square);
  for (long f = begin; f < end; f++) {
    if (rows == lanes) store(y + f * ldy, square[f - begin]);
    else storePart(y + f * ldy, square[f - begin], rows);
  }
}

template <typename T>
static void gatherColumns(const T* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                          long begin, long end, float* y, long ldy) {
  for (long r = 0; r < rows; r += lanes) {
    const long height = rows - r < lanes ? rows - r : lanes;
    const T* source[lanes];
    for (long i = 0; i < height; i++) source[i] = data + (order ? order[first + r + i] : first + r + i) * width;
    long f = begin;
    if (height == lanes) {
      for (; f + lanes <= end; f += lanes) {
        Vector square[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; i++) square[i] = affine(loadRaw(source[i] + f), scale, shift);
        transposeSquare(square);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; i++) store(y + (f + i) * ldy + r, square[i]);
      }
    }
    for (; f < end; f += lanes) gatherEdge(source, height, f, f + lanes < end ? f + lanes : end, scale, shift, y + r, ldy);
  }
}

template <typename T>
static void gatherLines(const T* data, long width, const int32_t* order, long first, long begin, long end, float scale, float shift, float* y) {
  for (long r = begin; r < end; r++) {
    const T* source = data + (order ? order[first + r] : first + r) * width;
    float* target = y + r * width;
    long f = 0;
    for (; f + lanes <= width; f += lanes) store(target + f, affine(loadRaw(source + f), scale, shift));
    for (; f < width; f++) target[f] = affine(static_cast<float>(source[f]), scale, shift);
  }
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

template <typename T>
static void columns(const T* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                    long featureBegin, long featureEnd, float* y, long ldy) {
  static const auto kernel = DENSELY_CHOOSE(gatherColumns<T>);
  kernel(data, width, order, first, rows, scale, shift, featureBegin, featureEnd, y, ldy);
}

template <typename T>
static void lines(const T* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y) {
  static const auto kernel = DENSELY_CHOOSE(gatherLines<T>);
  kernel(data, width, order, first, rowBegin, rowEnd, scale, shift, y);
}

void transposeBlock(const float* x, long ldx, long rows, long cols, float* y, long ldy) {
  columns(x, ldx, nullptr, 0, rows, 1.0f, -0.0f, 0, cols, y, ldy);  // adding −0 changes nothing, not even the sign of zero
}

void gatherTranspose(const float* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy) {
  columns(data, width, order, first, rows, scale, shift, featureBegin, featureEnd, y, ldy);
}
void gatherTranspose(const uint8_t* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy) {
  columns(data, width, order, first, rows, scale, shift, featureBegin, featureEnd, y, ldy);
}
void gatherTranspose(const int32_t* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy) {
  columns(data, width, order, first, rows, scale, shift, featureBegin, featureEnd, y, ldy);
}

void gatherRows(const float* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y) {
  lines(data, width, order, first, rowBegin, rowEnd, scale, shift, y);
}
void gatherRows(const uint8_t* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y) {
  lines(data, width, order, first, rowBegin, rowEnd, scale, shift, y);
}
void gatherRows(const int32_t* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y) {
  lines(data, width, order, first, rowBegin, rowEnd, scale, shift, y);
}

}  // namespace densely
#endif
