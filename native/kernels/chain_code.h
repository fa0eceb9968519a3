// Chains compiled ahead of time: where all operations of a chain are known to the C++ compiler, its values stay in registers.
#pragma once
#include <cstdint>

#include "elementwise.h"

// The list of the chains; a build that is to be quick names a shorter one.
#ifndef DENSELY_CHAIN_LIST
#define DENSELY_CHAIN_LIST "chain_list.h"
#endif

namespace densely {

// A piece of a chain's space: lines of n values. Every operand has an address of its first line and the distance to the next.
struct ChainView {
  static constexpr int most = 16;
  long lines, n;
  long valid;  // values of a line that are summed: the others are padding
  const float* in[most];
  long inStride[most];  // of a value per line 1, of a value for all 0
  float* out[most];
  long outStride[most];  // of a sum per line: from one sum to the next
};

// `product`, where it is not null, is the address of input 0 in place of the view's.
using ChainCode = void (*)(const ChainView& view, const float* immediates, const float* product);

// An operation with its value numbers (inputs, then outs, then registers) as one number.
constexpr uint64_t codeStep(Elementwise op, int destination, int a, int b, int c) {
  return (uint64_t)op << 32 | (uint64_t)destination << 24 | (uint64_t)a << 16 | (uint64_t)b << 8 | (uint64_t)c;
}

// Which chain it is. An input is a vector (0: a value per element or column) or a number (1: a value per line or for all); an out is whole (0) or
// the sums of lines (1); bit i is input or out i.
struct ChainKey {
  int inputs, outs, registers;
  uint32_t numbers, sums;
  const uint64_t* steps;
  int stepCount;
};

// The code of a chain for this processor; null where it was not foreseen.
ChainCode findChainCode(const ChainKey& key);

}  // namespace densely
