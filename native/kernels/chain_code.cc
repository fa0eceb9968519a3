// Chains compiled ahead of time, from the list in chain_list.h.
#define DENSELY_KERNELS "chain_code.cc"
#include "chain_code.h"
#include "vector_math.h"

#ifdef DENSELY_ISA
#include "elementwise_apply.h"
namespace densely::DENSELY_ISA {

template <int... LANE>
DENSELY_INLINE Vector firstLanes(Vector v, long count, std::integer_sequence<int, LANE...>) {
  const Integers lane = {LANE...};
  return lane < (int32_t)count ? v : Vector{};
}

// The sum of a line, in vectors; every now and then it goes on in double precision.
struct LineTotal {
  Vector part = {};
  double sum = 0;
};
constexpr long longestPart = 32 * lanes;

// One operation on values of one vector's width, by number. Every result passes through `unfused`, so that the compiler contracts no two
// operations into one and the bits are those of the operations one by one.
template <uint64_t STEP, int INPUTS>
DENSELY_INLINE void execute(Vector* value, Vector immediate, LineTotal* totals, long valid) {
  constexpr auto op = static_cast<Elementwise>(STEP >> 32);
  constexpr int destination = STEP >> 24 & 255, a = STEP >> 16 & 255, b = STEP >> 8 & 255, c = STEP & 255;
  if constexpr (op == Elementwise::sumColumns) totals[destination - INPUTS].part += valid >= lanes ? value[a] : firstLanes(value[a], valid, std::make_integer_sequence<int, lanes>());
  else value[destination] = unfused(apply<op>(value[a], value[b], value[c], immediate));
}

template <int INPUTS, int OUTS, int REGISTERS, uint32_t NUMBERS, uint32_t SUMS, uint64_t... STEP>
struct Code {
  static constexpr uint64_t steps[] = {STEP...};
  static constexpr ChainKey key = {INPUTS, OUTS, REGISTERS, NUMBERS, SUMS, steps, sizeof...(STEP)};

  // Values i to i + count of a line, of which the first `valid` are summed.
  template <bool PART, size_t... INDEX>
  DENSELY_INLINE void once(const float* const* in, float* const* out, const Vector* number, const Vector* immediate, LineTotal* totals, long i, long count, long valid,
                           std::index_sequence<INDEX...>) {
    Vector value[INPUTS + OUTS + REGISTERS];
#pragma GCC unroll 16
    for (int k = 0; k < INPUTS; k++) value[k] = NUMBERS >> k & 1 ? number[k] : PART ? loadPart(in[k] + i, count) : load(in[k] + i);
    (execute<STEP, INPUTS>(value, immediate[INDEX], totals, valid), ...);
#pragma GCC unroll 16
    for (int k = 0; k < OUTS; k++) {
      if (SUMS >> k & 1) continue;
      if (PART) storePart(out[k] + i, value[INPUTS + k], count);
      else store(out[k] + i, value[INPUTS + k]);
    }
  }

  DENSELY_INLINE void carry(LineTotal* totals) {
    for (int k = 0; k < OUTS; k++) {
      if (!(SUMS >> k & 1)) continue;
      totals[k].sum += sumLanes(totals[k].part);
      totals[k].part = Vector{};
    }
  }

  static void run(const ChainView& view, const float* immediates, const float* product) {
    constexpr auto indices = std::make_index_sequence<sizeof...(STEP)>();
    Vector immediate[sizeof...(STEP)], number[INPUTS > 0 ? INPUTS : 1];
    for (size_t k = 0; k < sizeof...(STEP); k++) immediate[k] = all(immediates[k]);
    const float* in[INPUTS > 0 ? INPUTS : 1];
    float* out[OUTS];
    for (long line = 0; line < view.lines; line++) {
#pragma GCC unroll 16
      for (int k = 0; k < INPUTS; k++) {
        in[k] = (k == 0 && product ? product : view.in[k]) + line * view.inStride[k];
        if (NUMBERS >> k & 1) number[k] = all(*in[k]);
      }
#pragma GCC unroll 16
      for (int k = 0; k < OUTS; k++) out[k] = view.out[k] + line * view.outStride[k];
      LineTotal totals[OUTS];
      long i = 0;
      // Whole vectors of values that count, then the vectors that padding begins in.
      const long whole = SUMS ? view.valid : view.n;
      while (i + lanes <= whole) {
        const long end = SUMS && whole - i > longestPart ? i + longestPart : whole;
        for (; i + lanes <= end; i += lanes) once<false>(in, out, number, immediate, totals, i, lanes, lanes, indices);
        if (SUMS) carry(totals);
      }
      for (; i + lanes <= view.n; i += lanes) once<false>(in, out, number, immediate, totals, i, lanes, view.valid - i, indices);
      if (i < view.n) once<true>(in, out, number, immediate, totals, i, view.n - i, view.valid - i, indices);
      if (SUMS) {
        carry(totals);
        for (int k = 0; k < OUTS; k++)
          if (SUMS >> k & 1) *out[k] = (float)totals[k].sum;
      }
    }
  }
};

struct ChainEntry {
  const ChainKey& key;
  ChainCode code;
};

#define DENSELY_CHAIN(inputs, outs, registers, numbers, sums, ...) \
  {Code<inputs, outs, registers, numbers, sums, __VA_ARGS__>::key, Code<inputs, outs, registers, numbers, sums, __VA_ARGS__>::run},
#define DENSELY_STEP(op, destination, a, b, c) codeStep(Elementwise::op, destination, a, b, c)
static constexpr ChainEntry entries[] = {
#include DENSELY_CHAIN_LIST
};
#undef DENSELY_CHAIN
#undef DENSELY_STEP

ChainCode chainCode(const ChainKey& key) {
  for (const ChainEntry& entry : entries) {
    const ChainKey& known = entry.key;
    if (known.inputs != key.inputs || known.outs != key.outs || known.registers != key.registers || known.numbers != key.numbers || known.sums != key.sums || known.stepCount != key.stepCount) continue;
    if (std::memcmp(known.steps, key.steps, (size_t)key.stepCount * sizeof *key.steps) == 0) return entry.code;
  }
  return nullptr;
}

}  // namespace densely::DENSELY_ISA
#else

namespace densely {

ChainCode findChainCode(const ChainKey& key) { return DENSELY_CHOOSE(chainCode)(key); }

}  // namespace densely
#endif
