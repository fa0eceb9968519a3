// Packing of operands as bfloat16, and their products: blocks of sums in registers, one operand broadcast and one in vectors.
#include "gemm_bf16.h"

#include "isa.h"

#if defined(__x86_64__) && (!defined(DENSELY_WIDEST) || DENSELY_WIDEST >= 512)
#include <immintrin.h>

#include <utility>

#define DENSELY_BF16 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16")))

namespace densely::bfloat16 {

bool available() { return multipliesBfloat16(); }

namespace {

// The first `count` of 16 lanes: none where it is negative.
inline __mmask16 firstLanes(long count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1); }

// Two halves of terms as bfloat16, `low` first.
DENSELY_BF16 inline __m512i rounded(__m512 low, __m512 high) { return (__m512i)_mm512_cvtne2ps_pbh(high, low); }

// Pairs of 32 bits and of 64 bits from two vectors, within every 128 bits: the low halves or the high ones.
typedef int32_t Words __attribute__((vector_size(64)));
typedef int64_t DoubleWords __attribute__((vector_size(64)));
DENSELY_BF16 inline Words lowWords(Words a, Words b) { return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29); }
DENSELY_BF16 inline Words highWords(Words a, Words b) { return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31); }
DENSELY_BF16 inline DoubleWords lowDoubles(Words a, Words b) { return __builtin_shufflevector((DoubleWords)a, (DoubleWords)b, 0, 8, 2, 10, 4, 12, 6, 14); }
DENSELY_BF16 inline DoubleWords highDoubles(Words a, Words b) { return __builtin_shufflevector((DoubleWords)a, (DoubleWords)b, 1, 9, 3, 11, 5, 13, 7, 15); }
// Every other 128 bits of two vectors, from the first or from the second on.
DENSELY_BF16 inline DoubleWords evenQuarters(DoubleWords a, DoubleWords b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13); }
DENSELY_BF16 inline DoubleWords oddQuarters(DoubleWords a, DoubleWords b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15); }

// to[p] = pair p of the 16 lines in `from`, for p < count, 16 words apart.
DENSELY_BF16 inline __attribute__((always_inline)) void storeTransposed(const Words* from, uint32_t* to, long count) {
  Words words[16];
  DoubleWords quads[16], halves[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    words[i] = lowWords(from[i], from[i + 1]);
    words[i + 1] = highWords(from[i], from[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    quads[i] = lowDoubles(words[i], words[i + 2]);
    quads[i + 1] = highDoubles(words[i], words[i + 2]);
    quads[i + 2] = lowDoubles(words[i + 1], words[i + 3]);
    quads[i + 3] = highDoubles(words[i + 1], words[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    halves[i] = evenQuarters(quads[i], quads[i + 4]);
    halves[i + 4] = oddQuarters(quads[i], quads[i + 4]);
    halves[i + 8] = evenQuarters(quads[i + 8], quads[i + 12]);
    halves[i + 12] = oddQuarters(quads[i + 8], quads[i + 12]);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    if (i < count) _mm512_storeu_si512(to + i * panelLines, (__m512i)evenQuarters(halves[i], halves[i + 8]));
    if (i + 8 < count) _mm512_storeu_si512(to + (i + 8) * panelLines, (__m512i)oddQuarters(halves[i], halves[i + 8]));
  }
}

// C[LINES, 16·VECTORS] = the sums over `pairs` pairs; of the last vector only the lanes in `last` are stored.
template <int LINES, int VECTORS>
DENSELY_BF16 void block(long pairs, const uint32_t* A, long lineA, long pairA, const uint32_t* B, float* C, long ldc, __mmask16 last) {
  __m512 sum[LINES][VECTORS] = {};
  const long panel = panelStride(pairs);
  for (long p = 0; p < pairs; p++) {
    __m512bh b[VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) b[v] = (__m512bh)_mm512_loadu_si512(B + v * panel);
#pragma GCC unroll 8
    for (int line = 0; line < LINES; line++) {
      const __m512bh a = (__m512bh)_mm512_set1_epi32((int)A[line * lineA]);
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; v++) sum[line][v] = _mm512_dpbf16_ps(sum[line][v], a, b[v]);
    }
    A += pairA;
    B += panelLines;
  }
#pragma GCC unroll 8
  for (int line = 0; line < LINES; line++) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) _mm512_mask_storeu_ps(C + line * ldc + v * panelLines, v + 1 < VECTORS ? (__mmask16)0xffff : last, sum[line][v]);
  }
}

// Most vectors beside so many lines: the sums take up to 24 of the 32 registers.
constexpr int mostLines = 8;
constexpr int mostVectors(int lines) { return lines <= 3 ? 8 : 24 / lines; }

using Block = void (*)(long pairs, const uint32_t* A, long lineA, long pairA, const uint32_t* B, float* C, long ldc, __mmask16 last);

template <int LINES, int... VECTORS>
Block blockOf(long vectors, std::integer_sequence<int, VECTORS...>) {
  static constexpr Block blocks[] = {block<LINES, VECTORS + 1>...};
  return blocks[vectors - 1];
}

template <int... LINES>
Block blockOf(long lines, long vectors, std::integer_sequence<int, LINES...>) {
  static constexpr Block (*const byLines[])(long) = {[](long count) { return blockOf<LINES + 1>(count, std::make_integer_sequence<int, mostVectors(LINES + 1)>()); }...};
  return byLines[lines - 1](vectors);
}

constexpr long fetchedRows = 16;  // of what is transposed, ahead

// Terms k to k + 31 of a line, of which `present` are there.
DENSELY_BF16 inline __m512i partOf(const float* x, long present) {
  return rounded(_mm512_maskz_loadu_ps(firstLanes(present), x), _mm512_maskz_loadu_ps(firstLanes(present - 16), x + 16));
}

}  // namespace

DENSELY_BF16 void packPanels(long lines, long terms, const float* X, long ldx, uint32_t* panels) {
  const long pairs = pairsOf(terms);
  for (long line = 0; line < lines; line += panelLines, panels += panelStride(pairs)) {
    const float* x = X + line * ldx;
    const long height = lines - line;
    long k = 0;
    if (height >= panelLines) {
      for (; k + 32 <= terms; k += 32) {
        Words square[16];
#pragma GCC unroll 16
        for (int l = 0; l < 16; l++) square[l] = (Words)rounded(_mm512_loadu_ps(x + l * ldx + k), _mm512_loadu_ps(x + l * ldx + k + 16));
        storeTransposed(square, panels + k / 2 * panelLines, 16);
      }
    }
    for (; k < terms; k += 32) {
      Words square[16] = {};
      for (long l = 0; l < panelLines && l < height; l++) square[l] = (Words)partOf(x + l * ldx + k, terms - k);
      storeTransposed(square, panels + k / 2 * panelLines, pairs - k / 2);
    }
  }
}

DENSELY_BF16 void packRows(long lines, long terms, const float* X, long ldx, uint32_t* rows) {
  const long stride = rowStride(pairsOf(terms));
  for (long line = 0; line < lines; line++) {
    const float* x = X + line * ldx;
    uint32_t* to = rows + line * stride;
    long k = 0;
    for (; k + 32 <= terms; k += 32) _mm512_storeu_si512(to + k / 2, rounded(_mm512_loadu_ps(x + k), _mm512_loadu_ps(x + k + 16)));
    if (k < terms) _mm512_storeu_si512(to + k / 2, partOf(x + k, terms - k));
  }
}

DENSELY_BF16 void packTransposed(long lines, long terms, const float* X, long ldx, uint32_t* panels, long begin, long end) {
  const long panel = panelStride(pairsOf(terms));
  // Word 2i of what is stored is line i of the first term, word 2i + 1 that of the second.
  alignas(64) uint16_t order[32];
  for (int i = 0; i < 16; i++) {
    order[2 * i] = (uint16_t)i;
    order[2 * i + 1] = (uint16_t)(i + 16);
  }
  const __m512i interleaved = _mm512_load_si512(order);
  for (long p = begin; p < end; p++) {
    const float* x = X + 2 * p * ldx;
    const bool both = 2 * p + 1 < terms;
    uint32_t* to = panels + p * panelLines;
    for (long line = 0; line < lines; line += panelLines, to += panel) {
      // Every row may be on another page, which no hardware prefetcher follows.
      __builtin_prefetch(x + fetchedRows * ldx + line);
      __builtin_prefetch(x + (fetchedRows + 1) * ldx + line);
      const __mmask16 present = firstLanes(lines - line);
      const __m512 first = _mm512_maskz_loadu_ps(present, x + line), second = both ? _mm512_maskz_loadu_ps(present, x + ldx + line) : _mm512_setzero_ps();
      _mm512_storeu_si512(to, _mm512_permutexvar_epi16(interleaved, rounded(first, second)));
    }
  }
}

void multiply(long M, long N, long pairs, const Lines& A, const uint32_t* B, float* C, long ldc, const Ahead& ahead) {
  const long panels = (N + panelLines - 1) / panelLines, wide = mostVectors(M < mostLines ? (int)M : mostLines);
  // A few panels of B stay in the cache while the lines go by.
  for (long panel = 0; panel < panels; panel += wide) {
    const long vectors = panels - panel < wide ? panels - panel : wide;
    const __mmask16 last = panel + vectors == panels ? firstLanes(N - (panels - 1) * panelLines) : (__mmask16)0xffff;
    for (long line = 0; line < M; line += mostLines) {
      const long lines = M - line < mostLines ? M - line : mostLines;
      const uint32_t* a = A.data + line / panelLines * A.panel + line % panelLines * A.line;
      const Block kernel = blockOf(lines, vectors, std::make_integer_sequence<int, mostLines>());
      kernel(pairs, a, A.line, A.pair, B + panel * panelStride(pairs), C + line * ldc + panel * panelLines, ldc, last);
      for (long i = 0; i < ahead.count; i++)
        for (long l = line; l < line + lines; l++)
          for (long v = panel; v < panel + vectors; v++) __builtin_prefetch(ahead.matrices[i] + l * ahead.stride + v * panelLines, 0, 2);
    }
  }
}

}  // namespace densely::bfloat16
#else

namespace densely::bfloat16 {

bool available() { return false; }
void packPanels(long, long, const float*, long, uint32_t*) {}
void packRows(long, long, const float*, long, uint32_t*) {}
void packTransposed(long, long, const float*, long, uint32_t*, long, long) {}
void multiply(long, long, long, const Lines&, const uint32_t*, float*, long, const Ahead&) {}

}  // namespace densely::bfloat16
#endif
