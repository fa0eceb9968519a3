// Matrix products: a tile of lines at a time, then the chain on that tile.
#include "product.h"

#include <algorithm>

#include "chain.h"
#include "gemm.h"
#include "reduce.h"

namespace densely {

namespace {

constexpr long tileBudget = 65536;   // floats of a thread's tile: it stays in the second-level cache
constexpr long wholeColumns = 4096;  // up to here the lines of a product are not cut
constexpr long columnBlock = 2048;   // beyond, into blocks of about this

class Product : public Stage {
 public:
  Product(Reader& reader, Stages& combines) {
    M = reader.dimension(0, "M");
    N = reader.dimension(1, "N");
    K = reader.dimension(2, "K");
    transposeA = reader.integer(3, "transposeA", 0, 1) == 1;
    if ((M < 0) + (N < 0) + (K < 0) > 1) reader.fail("more than one of M, N and K is rows");
    if (reader.ins.size() < 2) reader.fail("expected at least 2 ins but received %zu", reader.ins.size());
    if (reader.failed()) return;
    reader.expectMatrix(reader.ins[0], "A", transposeA ? K : M, transposeA ? M : K);
    reader.expectMatrix(reader.ins[1], "B", K, N);
    chain.decode(reader, 4, 2, true);
    if (chain.lines != M || chain.columns != N) reader.fail("the chain runs over %ld x %ld but the product is %ld x %ld", chain.lines, chain.columns, M, N);
    if (reader.failed()) return;
    productOut = chain.takeProductStore(reader);
    setOperands(reader.outs, reader.ins);
    blockFloats = chain.blockFloats();
    const long maxRows = reader.limits.maxRows, longest = N < 0 ? maxRows : N;
    tileFloats = productOut >= 0 ? 0 : std::min(tileBudget, multiplySizes(M < 0 ? maxRows : M, roundUp(longest, lanes)));
    if (longest <= wholeColumns) return;
    for (size_t i = 0; i < outs.size(); i++) {
      if (!chain.sumsOut(i)) continue;
      const Operand partials = reader.reservePartials(multiplySizes(M < 0 ? maxRows : M, divideUp(longest, columnBlock)));
      combines.push_back(std::make_unique<Combine>(true, outs[i], partials, &columnBlocks));
      outs[i] = partials;
    }
  }

  void shape(long rows) override {
    const long ld = leadingDimension(rows);
    m = M < 0 ? rows : M;
    n = N < 0 ? rows : N;
    k = K < 0 ? rows : K;
    stride = N < 0 ? ld : N;
    strideA = transposeA ? (M < 0 ? ld : M) : (K < 0 ? ld : K);
    chain.shape(m, n, stride);
    columnBlocks = stride <= wholeColumns ? 1 : divideUp(n, columnBlock);
    blockColumns = columnBlocks == 1 ? stride : roundUp(divideUp(n, columnBlocks), lanes);
    columnBlocks = columnBlocks == 1 ? 1 : divideUp(n, blockColumns);
    tileLines = std::min(m, gemmTileLines(transposeA, m, std::min(n, blockColumns), k));
    const long fitting = tileBudget / roundUp(blockColumns, lanes);
    // 24 is a multiple of the heights of the vector kernels.
    if (productOut < 0 && tileLines > fitting) tileLines = fitting < 24 ? fitting : fitting / 24 * 24;
    tiles = divideUp(m, tileLines) * columnBlocks;
  }

  void run(const StepView&, const Workspace& workspace, long begin, long end) const override {
    const float* A = in[0];
    const float* B = in[1];
    for (long tile = begin; tile < end; tile++) {
      const long line = tile / columnBlocks * tileLines, block = tile % columnBlocks;
      const long lineEnd = std::min(m, line + tileLines), column = block * blockColumns;
      const long columnEnd = block + 1 == columnBlocks ? stride : column + blockColumns;
      float* C = productOut >= 0 ? out[productOut] + line * stride + column : workspace.tile;
      const long strideC = productOut >= 0 ? stride : columnEnd - column;
      const float* lineA = A + (transposeA ? line : line * strideA);
      if (stride == 1) gemv(transposeA, lineEnd - line, k, lineA, strideA, B, C);
      else gemm(transposeA, lineEnd - line, std::min(n, columnEnd) - column, k, lineA, strideA, B + column, stride, C, strideC, N < 0);
      if (chain.empty()) continue;
      chain.run({line, lineEnd, column, columnEnd, block, C, strideC}, columnBlocks, in.data() + 2, out.data(), workspace.blocks);
    }
  }

  double work(long rows) const override {
    const double results = (double)(M < 0 ? rows : M) * (double)(N < 0 ? rows : N);
    // With one column every weight is read for a single multiplication: memory, not arithmetic, sets the pace.
    const double terms = ((N < 0 ? rows : N) == 1 ? 8 : 2) * (double)(K < 0 ? rows : K);
    return results * (terms + 4 * chain.operationCount());
  }

  bool mayShare(size_t outIndex, size_t inIndex) const override {
    return inIndex >= 2 && (long)outIndex != productOut && !chain.sumsOut(outIndex) && chain.fullInput(inIndex - 2);
  }

 private:
  long M = 1, N = 1, K = 1;  // -1: rows
  bool transposeA = false;
  Chain chain;
  long productOut = -1;  // the out that the product itself writes, or -1

  // The present shape.
  long m = 1, n = 1, k = 1, stride = 1, strideA = 1;
  long columnBlocks = 1, blockColumns = 1, tileLines = 1;
};

}  // namespace

void makeProduct(Reader& reader, Stages& stages) {
  Stages combines;
  stages.push_back(std::make_unique<Product>(reader, combines));
  for (auto& combine : combines) stages.push_back(std::move(combine));
}

}  // namespace densely
