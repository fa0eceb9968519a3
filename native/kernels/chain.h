// Elementwise programs: a chain of operations over lines × columns, run block by block in the first-level cache.
#pragma once
#include <vector>

#include "../reader.h"
#include "chain_code.h"
#include "elementwise.h"

namespace densely {

// How an input is spread over the space, and how a result leaves it.
enum Access : int { fullAccess, lineAccess, columnAccess, scalarAccess, productAccess };
enum Emission : int { fullEmission, lineSumEmission };

// A part of the space: lines, and a block of their columns (physical columns, padding included).
struct ChainTile {
  long lineBegin, lineEnd, columnBegin, columnEnd;
  long columnBlock;      // number of the block
  const float* product;  // the product's values of this part, or null
  long productStride;    // between their lines
};

class Chain {
 public:
  // Reads the attributes from number `at` on and checks the operands; the chain's inputs are ins from `firstIn` on.
  // With a product its tile is input 0.
  void decode(Reader& reader, size_t at, size_t firstIn, bool hasProduct);
  // Where an operation stores the product as it is, the product can write there itself: that out, or -1.
  long takeProductStore(const Reader& reader);
  // Plans for `lines` lines of `columns` values, `stride` apart. in and out: as for `run`.
  void shape(long lines, long columns, long stride, const float* const* in, float* const* out);
  // in: the chain's inputs without the product; out: its outs, a line sum being one value per line and block of columns.
  void run(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out, float* blocks) const;
  // The whole space at once, for a chain that was compiled ahead; its product lies in lines like the space's.
  bool isCompiled() const { return code != nullptr; }
  void runWhole(const float* product) const { code(whole, immediates.data(), product); }
  // Elements [begin, end) of a space in which lines do not matter; `product` holds element `begin` first.
  void runFlat(long begin, long end, const float* product, const float* const* in, float* const* out, float* blocks) const;

  bool flat() const { return isFlat; }  // every operand contiguous or one number, and no sums
  bool empty() const { return operations.empty(); }
  bool hasSums() const { return sumCount > 0; }
  bool sumsOut(size_t out) const { return outKinds[out] == lineSumEmission; }
  bool fullInput(size_t in) const;  // counted without the product
  long blockFloats() const { return (registerCount + broadcastCount) * blockLength; }
  double operationCount() const { return (double)operations.size(); }
  long lines = 1, columns = 1;  // as encoded: -1 is rows

  static constexpr long blockLength = 512;
  static constexpr long valueLimit = 256;  // as in lib/compile/program.ts

 private:
  struct Operation {
    Elementwise op;
    ElementwiseKernel kernel;  // null: sumColumns
    int destination, a, b, c;
    float immediate;
  };
  struct Input {
    int kind;      // as encoded
    int access;    // for the present shape
    int in;        // among the chain's inputs without the product, -1 for the product
    int broadcast; // number of the register it is spread in
    long perLine, perColumn;  // floats from a line, a column, to the next
  };
  void decodeOperations(Reader& reader, size_t at, long count);
  ChainCode findCode() const;
  ChainView viewOf(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out) const;
  void setRegisters(float** values, float* blocks) const;
  void spreadScalars(float** values, const float* const* in, float* blocks, long n) const;
  float* broadcastBlock(const Input& input, float* blocks) const { return blocks + (registerCount + input.broadcast) * blockLength; }
  template <class Sum>
  void operate(float* const* values, long n, Sum sum) const;
  void runShortLines(const ChainTile& tile, const float* const* in, float* const* out, float* blocks) const;
  void runLongLines(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out, float* blocks) const;

  std::vector<Input> inputs;
  std::vector<int> outKinds;
  std::vector<Operation> operations;
  long registerCount = 0, broadcastCount = 0, sumCount = 0;

  // Of the operations; made when they are decoded, for a step makes no memory.
  std::vector<float> immediates;
  std::vector<uint64_t> codes;

  // The present shape.
  bool isFlat = false;
  ChainCode code = nullptr;  // null: block by block, each operation by itself
  ChainView whole;           // of the whole space, where there is code
  long validColumns = 1, stride = 1;
};

void makeChain(Reader& reader, Stages& stages);

}  // namespace densely
