// Transposition through registers, square blocks at a time, and the gather of a minibatch.
#define DENSELY_KERNELS "transpose.cc"
#include "transpose.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

DENSELY_INLINE void transposeSquare(Vector* v) {
  exchangeAll<1>(v);
  exchangeAll<2>(v);
  if constexpr (lanes > 4) exchangeAll<4>(v);
  if constexpr (lanes > 8) exchangeAll<8>(v);
}

// A square of rows from so many addresses, transposed as it is loaded.
DENSELY_INLINE void loadTransposed(const float* const* from, long offset, Vector* square) {
#if defined(__x86_64__) && DENSELY_LANES == 16
  // Four rows meet in a vector as they are loaded, which leaves half the shuffles.
#pragma GCC unroll 4
  for (int group = 0; group < 16; group += 4) {
    __m512 v[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const long at = offset + group;
      v[i] = _mm512_maskz_broadcast_f32x4(0x000f, _mm_loadu_ps(from[i] + at));
      v[i] = _mm512_mask_broadcast_f32x4(v[i], 0x00f0, _mm_loadu_ps(from[i + 4] + at));
      v[i] = _mm512_mask_broadcast_f32x4(v[i], 0x0f00, _mm_loadu_ps(from[i + 8] + at));
      v[i] = _mm512_mask_broadcast_f32x4(v[i], 0xf000, _mm_loadu_ps(from[i + 12] + at));
    }
    const __m512 a = _mm512_maskz_unpacklo_ps(0xffff, v[0], v[1]), b = _mm512_maskz_unpackhi_ps(0xffff, v[0], v[1]);
    const __m512 c = _mm512_maskz_unpacklo_ps(0xffff, v[2], v[3]), d = _mm512_maskz_unpackhi_ps(0xffff, v[2], v[3]);
    square[group] = (Vector)_mm512_maskz_shuffle_ps(0xffff, a, c, 0x44);
    square[group + 1] = (Vector)_mm512_maskz_shuffle_ps(0xffff, a, c, 0xee);
    square[group + 2] = (Vector)_mm512_maskz_shuffle_ps(0xffff, b, d, 0x44);
    square[group + 3] = (Vector)_mm512_maskz_shuffle_ps(0xffff, b, d, 0xee);
  }
#else
#pragma GCC unroll 16
  for (int i = 0; i < lanes; i++) square[i] = load(from[i] + offset);
  transposeSquare(square);
#endif
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

// Becomes NaN where a raw float is not finite, and stays 0 otherwise.
DENSELY_INLINE void inspect(Vector raw, Vector& finite, const float*) { finite += raw * 0.0f; }
template <typename T>
DENSELY_INLINE void inspect(Vector, Vector&, const T*) {}

// A square of rows and features, or the part of one that there is.
template <typename T>
static void gatherEdge(const T* const* source, long row, long rows, long begin, long end, const Gather& part, Vector& finite) {
  const long features = end - begin;
  Vector square[lanes] = {};
  for (long r = 0; r < rows; r++) {
    const Vector raw = features == lanes ? loadRaw(source[r] + begin) : loadRawPart(source[r] + begin, features);
    inspect(raw, finite, source[r]);
    square[r] = affine(raw, part.scale, part.shift);
    if (part.lines) storePart(part.lines + (row + r) * part.width + begin, square[r], features);
  }
  float* y = part.columns + begin * part.ld + row;
  if (rows * features <= 2 * lanes) {
    for (long f = 0; f < features; f++)
      for (long r = 0; r < rows; r++) y[f * part.ld + r] = square[r][f];
    return;
  }
  transposeSquare(square);
  for (long f = 0; f < features; f++) {
    if (rows == lanes) store(y + f * part.ld, square[f]);
    else storePart(y + f * part.ld, square[f], rows);
  }
}

template <typename T>
static void gatherSquares(const T* data, const Gather& part, Vector& finite) {
  for (long row = part.rowBegin; row < part.rowEnd; row += lanes) {
    const long height = part.rowEnd - row < lanes ? part.rowEnd - row : lanes;
    const T* source[lanes];
    for (long i = 0; i < height; i++) source[i] = data + (part.order ? part.order[row + i] : part.first + row + i) * part.width;
    long f = part.featureBegin;
    if (height == lanes) {
      for (; f + lanes <= part.featureEnd; f += lanes) {
        Vector square[lanes];
#pragma GCC unroll 16
        for (int i = 0; i < lanes; i++) {
          const Vector raw = loadRaw(source[i] + f);
          inspect(raw, finite, source[i]);
          square[i] = affine(raw, part.scale, part.shift);
          if (part.lines) store(part.lines + (row + i) * part.width + f, square[i]);
        }
        transposeSquare(square);
#pragma GCC unroll 16
        for (int i = 0; i < lanes; i++) store(part.columns + (f + i) * part.ld + row, square[i]);
      }
    }
    for (; f < part.featureEnd; f += lanes) gatherEdge(source, row, height, f, f + lanes < part.featureEnd ? f + lanes : part.featureEnd, part, finite);
  }
}

template <typename T>
static void gatherLines(const T* data, const Gather& part, Vector& finite) {
  for (long r = part.rowBegin; r < part.rowEnd; r++) {
    const T* source = data + (part.order ? part.order[r] : part.first + r) * part.width;
    float* target = part.lines + r * part.width;
    long f = part.featureBegin;
    for (; f + lanes <= part.featureEnd; f += lanes) {
      const Vector raw = loadRaw(source + f);
      inspect(raw, finite, source);
      store(target + f, affine(raw, part.scale, part.shift));
    }
    if (f == part.featureEnd) continue;
    const Vector raw = loadRawPart(source + f, part.featureEnd - f);
    inspect(raw, finite, source);
    storePart(target + f, affine(raw, part.scale, part.shift), part.featureEnd - f);
  }
}

// A few values one by one.
template <typename T>
static bool gatherFew(const T* data, const Gather& part) {
  // A copy, which no store of a float can reach.
  const Gather local = part;
  float finite = 0;
  for (long r = local.rowBegin; r < local.rowEnd; r++) {
    const T* row = data + (local.order ? local.order[r] : local.first + r) * local.width;
    for (long f = local.featureBegin; f < local.featureEnd; f++) {
      const float raw = static_cast<float>(row[f]), value = affine(raw, local.scale, local.shift);
      finite += raw * 0.0f;
      if (local.columns) local.columns[f * local.ld + r] = value;
      if (local.lines) local.lines[r * local.width + f] = value;
    }
  }
  return finite == 0.0f;
}

template <typename T>
static bool gatherPart(const T* data, const Gather& part) {
  if (part.width == 1 || (part.rowEnd - part.rowBegin) * (part.featureEnd - part.featureBegin) <= 2 * lanes) return gatherFew(data, part);
  Vector finite = {};
  (part.columns ? gatherSquares<T> : gatherLines<T>)(data, part, finite);
  return sumLanes(finite) == 0.0f;
}

// Whole squares, and what is left of rows and columns as the gather it is.
void transposeBlock(const float* x, long ldx, long rows, long cols, float* y, long ldy) {
  const long wholeRows = rows - rows % lanes, wholeCols = cols - cols % lanes;
  for (long r = 0; r < wholeRows; r += lanes) {
    const float* from[lanes];
    for (long i = 0; i < lanes; i++) from[i] = x + (r + i) * ldx;
    for (long c = 0; c < wholeCols; c += lanes) {
      Vector square[lanes];
      loadTransposed(from, c, square);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; i++) store(y + (c + i) * ldy + r, square[i]);
    }
  }
  Gather edge = {nullptr, 0, ldx, 1.0f, -0.0f, 0, wholeRows, wholeCols, cols, y, ldy, nullptr};  // adding −0 changes nothing, not even the sign of zero
  if (wholeRows > 0 && wholeCols < cols) gatherPart(x, edge);
  edge.rowBegin = wholeRows;
  edge.rowEnd = rows;
  edge.featureBegin = 0;
  if (wholeRows < rows) gatherPart(x, edge);
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

template <typename T>
static bool choose(const T* data, const Gather& part) {
  static const auto kernel = DENSELY_CHOOSE(gatherPart<T>);
  return kernel(data, part);
}

bool gather(const float* data, const Gather& part) { return choose(data, part); }
bool gather(const uint8_t* data, const Gather& part) { return choose(data, part); }
bool gather(const int32_t* data, const Gather& part) { return choose(data, part); }

void transposeBlock(const float* x, long ldx, long rows, long cols, float* y, long ldy) {
  static const auto kernel = DENSELY_CHOOSE(transposeBlock);
  kernel(x, ldx, rows, cols, y, ldy);
}

}  // namespace densely
#endif
