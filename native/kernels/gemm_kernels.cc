// Products with register-blocked vector kernels: A is the broadcast operand, read where it lies; B is the vector operand.
#define DENSELY_KERNELS "gemm_kernels.cc"
#include "gemm.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

// The sums of a block stay in registers. More than 16 lines gain nothing: each line is one more stream of A.
constexpr int mostLines(int vectors) {
  return DENSELY_REGISTERS == 32 ? (vectors == 1 ? 16 : 24 / vectors) : (vectors == 8 ? 1 : 12 / vectors);
}

// How the operands lie: as they are, A transposed, or B as chosen rows of a larger array.
enum class Operands { plain, transposed, chosenRows };

// C[LINES, VECTORS*lanes] = or += op(A) · B over `terms` of K; with chosenRows, row k of B is row rows[k] of the array at B.
template <int LINES, int VECTORS, Operands OPERANDS>
static void block(long terms, const float* A, long lda, const float* B, long ldb, const int32_t* rows, float* C, long ldc, bool add) {
  constexpr bool TRANSPOSED = OPERANDS == Operands::transposed;
  Vector sum[LINES][VECTORS] = {};
  // Two pointers and four strides reach 18 lines without spilling an address register; the compiler would undo it if it saw through.
  const float* A9 = A + 9 * lda;
  long lda3 = 3 * lda, lda5 = 5 * lda, lda7 = 7 * lda;
  if (!TRANSPOSED && LINES > 8) asm("" : "+r"(A9), "+r"(lda3), "+r"(lda5), "+r"(lda7));
  for (long k = 0; k < terms; k++) {
    const float* row = OPERANDS == Operands::chosenRows ? B + rows[k] * ldb : B;
    Vector b[VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) b[v] = load(row + v * lanes);
    // Down a column of A every row is another page, which no hardware prefetcher follows: fetch the next block's lines.
    if (TRANSPOSED) __builtin_prefetch(A + 2 * LINES);
#pragma GCC unroll 16
    for (int line = 0; line < LINES; line++) {
      const int l = line % 9;
      const long offset = l == 3 ? lda3 : l == 6 ? 2 * lda3 : l == 5 ? lda5 : l == 7 ? lda7 : l * lda;
      const Vector a = all(TRANSPOSED ? A[line] : (line < 9 ? A : A9)[offset]);
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; v++) sum[line][v] += a * b[v];
    }
    A += TRANSPOSED ? lda : 1;
    A9++;
    if (OPERANDS != Operands::chosenRows) B += ldb;
  }
#pragma GCC unroll 16
  for (int line = 0; line < LINES; line++) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) {
      float* c = C + line * ldc + v * lanes;
      store(c, add ? load(c) + sum[line][v] : sum[line][v]);
    }
  }
}

using Block = void (*)(long terms, const float* A, long lda, const float* B, long ldb, const int32_t* rows, float* C, long ldc, bool add);

template <int VECTORS, Operands OPERANDS, int... LINES>
static Block blockOf(long lines, std::integer_sequence<int, LINES...>) {
  static constexpr Block table[] = {block<LINES + 1, VECTORS, OPERANDS>...};
  return table[lines - 1];
}

template <Operands OPERANDS>
static Block blockOf(long lines, int vectors) {
  switch (vectors) {
    case 1: return blockOf<1, OPERANDS>(lines, std::make_integer_sequence<int, mostLines(1)>());
    case 2: return blockOf<2, OPERANDS>(lines, std::make_integer_sequence<int, mostLines(2)>());
    case 4: return blockOf<4, OPERANDS>(lines, std::make_integer_sequence<int, mostLines(4)>());
    default: return blockOf<8, OPERANDS>(lines, std::make_integer_sequence<int, mostLines(8)>());
  }
}

// The widest block that still has room for the lines there are: few lines need many vectors to keep the multipliers busy.
static int vectorsFor(long lines, long columns) {
  int vectors = lines <= mostLines(8) ? 8 : lines <= mostLines(4) ? 4 : 2;
  while (vectors > 1 && vectors * lanes > columns) vectors /= 2;
  return vectors;
}

// What will be read beside a block of C: its lines, a cache line at a time.
static void fetchBlock(const Fetch& fetch, long line, long lines, long column, long columns) {
  for (int i = 0; i < fetch.count; i++)
    for (long l = 0; l < lines; l++) {
      const float* begin = fetch.lines[i] + (line + l) * fetch.stride + column;
      for (long c = 0; c < columns; c += 16) __builtin_prefetch(begin + c, 0, 2);
    }
}

// A part of the lines of A that come next, while the present ones are multiplied: `part` of `parts` of their terms.
static void fetchLines(const float* A, long lda, long lines, long terms, long part, long parts) {
  for (long l = 0; l < lines; l++)
    for (long k = terms * part / parts; k < terms * (part + 1) / parts; k += 16) __builtin_prefetch(A + l * lda + k, 0, 2);
}

template <Operands OPERANDS>
static void product(long M, long N, long K, const float* A, long lda, const float* B, long ldb, const int32_t* rows, float* C, long ldc, const Fetch& fetch) {
  constexpr bool TRANSPOSED = OPERANDS == Operands::transposed;
  const long tail = N % lanes, whole = N - tail, depth = gemmDepth(N, K);
  const long highest = mostLines(vectorsFor(M, N));
  const long blocks = (M + highest - 1) / highest;
  const bool far = M * K > 65536;  // A is beyond the second-level cache's part for it
  alignas(64) float tailB[mostDepth * lanes], tailC[16 * lanes];
  long k = 0;
  do {
    const long terms = K - k < depth ? K - k : depth;
    const int32_t* chosen = rows ? rows + k : nullptr;
    const float* Bk = rows ? B : B + k * ldb;
    if (tail)
      for (long t = 0; t < terms; t++) store(tailB + t * lanes, loadPart(Bk + (rows ? chosen[t] : t) * ldb + whole, tail));
    long line = 0;
    for (long remaining = blocks; remaining > 0; remaining--) {
      const long lines = remaining == 1 ? M - line : (M - line + remaining - 1) / remaining;
      const float* Ak = TRANSPOSED ? A + k * lda + line : A + line * lda + k;
      float* Ck = C + line * ldc;
      for (long column = 0; column < whole;) {
        const int vectors = vectorsFor(lines, whole - column);
        const long width = vectors * lanes;
        if (!TRANSPOSED && far && remaining > 1) fetchLines(Ak + lines * lda, lda, lines, terms, column / width, (whole + width - 1) / width);
        if (fetch.count > 0 && k + terms == K) fetchBlock(fetch, line, lines, column, width);
        blockOf<OPERANDS>(lines, vectors)(terms, Ak, lda, Bk + column, ldb, chosen, Ck + column, ldc, k > 0);
        column += vectors * lanes;
      }
      if (tail) {
        blockOf<TRANSPOSED ? Operands::transposed : Operands::plain>(lines, 1)(terms, Ak, lda, tailB, lanes, nullptr, tailC, lanes, false);
        for (long l = 0; l < lines; l++) {
          float* c = Ck + l * ldc + whole;
          const Vector sum = load(tailC + l * lanes);
          storePart(c, k > 0 ? loadPart(c, tail) + sum : sum, tail);
        }
      }
      line += lines;
    }
    k += terms;
  } while (k < K);
}

void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded, const Fetch& fetch, const int32_t* rows) {
  if (padded) N = (N + lanes - 1) / lanes * lanes;
  (transposeA ? product<Operands::transposed> : rows ? product<Operands::chosenRows> : product<Operands::plain>)(M, N, K, A, lda, B, ldb, rows, C, ldc, fetch);
}

template <bool PART>
static void smallColumns(long M, long N, long K, const float* A, long nextLine, long nextTerm, const float* B, long ldb, float* C, long ldc, const int32_t* rows) {
  for (long line = 0; line < M; line++) {
    const float* a = A + line * nextLine;
    Vector sum = {};
    for (long k = 0; k < K; k++) {
      const float* b = B + (rows ? rows[k] : k) * ldb;
      sum += all(a[k * nextTerm]) * (PART ? loadPart(b, N) : load(b));
    }
    if (PART) storePart(C + line * ldc, sum, N);
    else store(C + line * ldc, sum);
  }
}

void gemmSmall(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, const int32_t* rows) {
  const long nextLine = transposeA ? 1 : lda, nextTerm = transposeA ? lda : 1, whole = N - N % lanes;
  for (long column = 0; column < whole; column += lanes) smallColumns<false>(M, lanes, K, A, nextLine, nextTerm, B + column, ldb, C + column, ldc, rows);
  if (whole < N) smallColumns<true>(M, N - whole, K, A, nextLine, nextTerm, B + whole, ldb, C + whole, ldc, rows);
}

// y[LINES] = A · x: one vector of partial sums a line.
template <int LINES>
static void dots(long K, const float* A, long lda, const float* x, float* y) {
  Vector sum[LINES] = {};
  long k = 0;
  for (; k + lanes <= K; k += lanes) {
    const Vector part = load(x + k);
#pragma GCC unroll 8
    for (int line = 0; line < LINES; line++) sum[line] += load(A + line * lda + k) * part;
  }
  if (k < K) {
    const Vector part = loadPart(x + k, K - k);
#pragma GCC unroll 8
    for (int line = 0; line < LINES; line++) sum[line] += loadPart(A + line * lda + k, K - k) * part;
  }
#pragma GCC unroll 8
  for (int line = 0; line < LINES; line++) y[line] = sumLanes(sum[line]);
}

// y[M] = or += Aᵀ · x over ROWS of K: rows of A are read as they lie, y stays in the first-level cache.
template <int ROWS>
static void addRows(long M, const float* A, long lda, const float* x, float* y, bool add) {
  Vector factor[ROWS];
#pragma GCC unroll 8
  for (int row = 0; row < ROWS; row++) factor[row] = all(x[row]);
  long m = 0;
  for (; m + lanes <= M; m += lanes) {
    Vector sum = add ? load(y + m) : Vector{};
#pragma GCC unroll 8
    for (int row = 0; row < ROWS; row++) sum += load(A + row * lda + m) * factor[row];
    store(y + m, sum);
  }
  if (m < M) {
    Vector sum = add ? loadPart(y + m, M - m) : Vector{};
#pragma GCC unroll 8
    for (int row = 0; row < ROWS; row++) sum += loadPart(A + row * lda + m, M - m) * factor[row];
    storePart(y + m, sum, M - m);
  }
}

template <int... COUNT>
static void gemvOf(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y, std::integer_sequence<int, COUNT...>) {
  static constexpr void (*dotsOf[])(long, const float*, long, const float*, float*) = {dots<COUNT + 1>...};
  static constexpr void (*addRowsOf[])(long, const float*, long, const float*, float*, bool) = {addRows<COUNT + 1>...};
  constexpr long most = sizeof...(COUNT);
  if (transposeA) {
    if (K == 0) std::memset(y, 0, M * sizeof(float));
    for (long k = 0; k < K; k += most) addRowsOf[(K - k < most ? K - k : most) - 1](M, A + k * lda, lda, x + k, y, k > 0);
  } else {
    for (long line = 0; line < M; line += most) dotsOf[(M - line < most ? M - line : most) - 1](K, A + line * lda, lda, x, y + line);
  }
}

void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y) {
  gemvOf(transposeA, M, K, A, lda, x, y, std::make_integer_sequence<int, 8>());
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely::own {

void gemm(bool transposeA, long M, long N, long K, const float* A, long lda, const float* B, long ldb, float* C, long ldc, bool padded, const Fetch& fetch, const int32_t* rows) {
  static const auto kernel = DENSELY_CHOOSE(gemm);
  kernel(transposeA, M, N, K, A, lda, B, ldb, C, ldc, padded, fetch, rows);
}

GemmSmall gemmSmall() { return DENSELY_CHOOSE(gemmSmall); }

void gemv(bool transposeA, long M, long K, const float* A, long lda, const float* x, float* y) {
  static const auto kernel = DENSELY_CHOOSE(gemv);
  kernel(transposeA, M, K, A, lda, x, y);
}

int vectorLanes() {
  static const int chosen = DENSELY_CHOOSE(lanes);
  return chosen;
}

}  // namespace densely::own

namespace densely {

const char* isaName() {
#if defined(__aarch64__)
  return "neon";
#else
  return own::vectorLanes() == 16 ? "avx512" : own::vectorLanes() == 8 ? "avx2" : "generic";
#endif
}

}  // namespace densely
#endif
