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
constexpr long longestStrip = 448;   // columns computed at once: their part of B stays in the second-level cache, of C nearly in the first
constexpr long smallProduct = 256;   // vectors of 16 products: up to here they take less time than the choice of a block
constexpr long cachedFloats = 1 << 18;  // what is read beside the product and is larger than this is not in the caches

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
    productFloats = productOut >= 0 ? 0 : std::min(tileBudget, multiplySizes(M < 0 ? maxRows : M, roundUp(longest, lanes)));
    if (N < 0 && !transposeA) {
      const long forDots = multiplySizes(mostDotColumns, roundUp(K, lanes)), forRows = rowsInReach() ? gemmRowsFloats(std::min(maxRows, longestStrip)) : 0;
      tileFloats = std::max(forDots, forRows);
    }
    tileFloats += productFloats;
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
    byDots = N < 0 && !transposeA && prefersDots(n, k);
    chain.shape(m, n, stride, in.data() + 2, out.data());
    columnBlocks = stride <= wholeColumns ? 1 : divideUp(n, columnBlock);
    blockColumns = columnBlocks == 1 ? stride : roundUp(divideUp(n, columnBlocks), lanes);
    columnBlocks = columnBlocks == 1 ? 1 : divideUp(n, blockColumns);
    const bool byRows = gatheredSource >= 0 && prefersRows(rows);
    tileLines = gemmTileLines(transposeA, m, std::min(n, blockColumns), k);
    tileLines = std::min(m, byRows ? roundUp(tileLines, rowsPanel) : tileLines);
    const long fitting = tileBudget / roundUp(blockColumns, lanes);
    // 24 is a multiple of the heights of the vector kernels.
    const long heights = byRows ? rowsPanel : 24;
    if (productOut < 0 && tileLines > fitting) tileLines = fitting < heights ? fitting : fitting / heights * heights;
    tiles = divideUp(m, tileLines) * columnBlocks;
    isSmall = stride > 1 && tiles == 1 && !byDots && k <= smallProduct && gemmIsOwn(n, k) && multiplySizes(m, divideUp(stride, lanes)) * k <= smallProduct;
  }

  void run(const StepView& step, const Workspace& workspace, long begin, long end) const override {
    Second B = secondOf(step, workspace);
    if (isSmall) {
      float* C = productOut >= 0 ? out[productOut] : workspace.tile;
      gemmSmall(transposeA, m, N < 0 ? stride : n, k, in[0], strideA, B.data, stride, C, stride, B.rows);
      return runWholeChain(C, workspace);
    }
    if (byDots) {
      float* columns = workspace.tile + productFloats;
      dotColumns(n, k, B.data, columns, roundUp(k, lanes));
      B.data = columns;
    }
    for (long tile = begin; tile < end; tile++) {
      const long block = columnBlocks == 1 ? 0 : tile % columnBlocks, line = (columnBlocks == 1 ? tile : tile / columnBlocks) * tileLines;
      const long lineEnd = std::min(m, line + tileLines), column = block * blockColumns;
      const long columnEnd = block + 1 == columnBlocks ? stride : column + blockColumns;
      if (stride == 1) {
        float* C = productOut >= 0 ? out[productOut] + line : workspace.tile;
        gemv(transposeA, lineEnd - line, k, linesOfA(line), strideA, B.data, C);
        if (tiles == 1) runWholeChain(C, workspace);
        else if (!chain.empty()) chain.run({line, lineEnd, 0, 1, 0, C, 1}, 1, in.data() + 2, out.data(), workspace.blocks);
      } else {
        runBlock(B, {line, lineEnd, column, columnEnd, block, nullptr, 0}, workspace);
      }
    }
  }

  double work(long rows) const override {
    const double results = (double)(M < 0 ? rows : M) * (double)(N < 0 ? rows : N);
    // With one column every weight is read for a single multiplication: memory, not arithmetic, sets the pace.
    const double terms = ((N < 0 ? rows : N) == 1 ? 8 : 2) * (double)(K < 0 ? rows : K);
    return results * (terms + 4 * chain.operationCount());
  }

  bool heavy() const override { return true; }

  // The second operand may be a minibatch.
  bool takesGathered(size_t i) const override { return i == 1; }
  void takeGathered(size_t, int source, long place) override {
    gatheredSource = source;
    ownPlace = place;
  }
  bool readsRows(const Source& source, long rows) const override {
    const bool asItLies = source.element == Element::float32 && source.scale == 1.0f && source.shift == 0.0f;
    if (transposeA || !asItLies) return false;
    if (K < 0) return N > 1 && gemmIsOwn(N, rows);
    return N < 0 && !source.checked && prefersRows(rows);
  }

  bool mayShare(size_t outIndex, size_t inIndex) const override {
    return inIndex >= 2 && (long)outIndex != productOut && !chain.sumsOut(outIndex) && chain.fullInput(inIndex - 2);
  }

 private:
  // Lines enough to fill the vectors they become, and terms enough to be worth it.
  bool rowsInReach() const { return N < 0 && M >= 8 && 2 * K >= M; }
  // Whether examples are better read where they lie than gathered: A is packed for every strip of them.
  bool prefersRows(long rows) const {
    return rowsInReach() && rows >= M && multiplySizes(M, divideUp(rows, lanes)) * K > smallProduct && !prefersDots(rows, K) && gemmIsOwn(std::min(rows, longestStrip), K);
  }

  // The second operand: a matrix, the rows of one, its columns one after the other, or examples, of which `rows` names the ones meant.
  struct Second {
    const float* data;
    const int32_t* rows;
    bool examples;
  };
  Second secondOf(const StepView& step, const Workspace& workspace) const {
    if (gatheredSource < 0) return {in[1], nullptr, false};
    const Source& source = step.sources[gatheredSource];
    if (!readsRows(source, step.rows)) return {workspace.own && ownPlace >= 0 ? workspace.own + ownPlace : in[1], nullptr, false};
    const float* data = static_cast<const float*>(source.data);
    return {step.order ? data : data + step.first * source.width, step.order, N < 0};
  }

  const float* linesOfA(long line) const { return in[0] + (transposeA ? line : line * strideA); }

  void runWholeChain(const float* C, const Workspace& workspace) const {
    if (chain.isCompiled()) chain.runWhole(C);
    else if (!chain.empty()) chain.run({0, m, 0, stride, 0, C, stride}, 1, in.data() + 2, out.data(), workspace.blocks);
  }

  // Strip by strip; the chain follows each strip at once, but where it sums whole lines or the product is kept anyway.
  void runBlock(const Second& B, ChainTile block, const Workspace& workspace) const {
    const bool atOnce = productOut < 0 && !chain.hasSums();
    const long lineCount = block.lineEnd - block.lineBegin, width = block.columnEnd - block.columnBegin;
    const long strips = width <= longestStrip ? 1 : divideUp(width, longestStrip), strip = strips == 1 ? width : roundUp(divideUp(width, strips), lanes);
    float* C = productOut >= 0 ? out[productOut] + block.lineBegin * stride + block.columnBegin : workspace.tile;
    for (long column = block.columnBegin; column < block.columnEnd; column += strip) {
      const long columnEnd = std::min(block.columnEnd, column + strip), strideC = productOut >= 0 ? stride : atOnce ? columnEnd - column : width;
      float* part = atOnce ? C : C + (column - block.columnBegin);
      if (B.examples) multiplyRows(B, block, column, columnEnd, part, strideC, workspace);
      else if (byDots) gemmDots(lineCount, n, k, linesOfA(block.lineBegin), strideA, B.data, roundUp(k, lanes), part);
      else gemm(transposeA, lineCount, std::min(n, columnEnd) - column, k, linesOfA(block.lineBegin), strideA, B.data + column, stride, part, strideC, N < 0,
                fetchOf(block.lineBegin, column), B.rows);
      if (atOnce && !chain.empty()) chain.run({block.lineBegin, block.lineEnd, column, columnEnd, block.columnBlock, part, strideC}, columnBlocks, in.data() + 2, out.data(), workspace.blocks);
    }
    block.product = C;
    block.productStride = productOut >= 0 ? stride : width;
    if (!atOnce && !chain.empty()) chain.run(block, columnBlocks, in.data() + 2, out.data(), workspace.blocks);
  }

  // Columns that pad a line are zero.
  void multiplyRows(const Second& B, const ChainTile& block, long column, long columnEnd, float* C, long strideC, const Workspace& workspace) const {
    const long valid = std::min(n, columnEnd) - column, padding = columnEnd - column - valid;
    gemmRows(block.lineEnd - block.lineBegin, valid, k, linesOfA(block.lineBegin), strideA, B.rows ? B.data : B.data + column * k, k, B.rows ? B.rows + column : nullptr, C,
             strideC, workspace.tile + productFloats);
    for (long line = block.lineBegin; padding > 0 && line < block.lineEnd; line++, C += strideC) std::fill_n(C + valid, padding, 0.0f);
  }

  // What the chain reads from beyond the caches.
  Fetch fetchOf(long line, long column) const {
    Fetch fetch;
    fetch.stride = stride;
    if (m * stride <= cachedFloats) return fetch;
    for (size_t i = 2; i < in.size() && fetch.count < Fetch::most; i++)
      if (chain.fullInput(i - 2)) fetch.lines[fetch.count++] = in[i] + line * stride + column;
    return fetch;
  }

  long M = 1, N = 1, K = 1;  // -1: rows
  bool transposeA = false;
  Chain chain;
  int gatheredSource = -1;  // of the minibatch that is the second operand, or -1
  long ownPlace = -1;       // where that lies in a thread's own memory, or -1
  long productOut = -1;  // the out that the product itself writes, or -1
  long productFloats = 0;  // of a thread's tile; columns of the second operand lie behind it

  // The present shape.
  long m = 1, n = 1, k = 1, stride = 1, strideA = 1;
  long columnBlocks = 1, blockColumns = 1, tileLines = 1;
  bool byDots = false, isSmall = false;
  const own::GemmSmall gemmSmall = own::gemmSmall();
};

}  // namespace

void makeProduct(Reader& reader, Stages& stages) {
  Stages combines;
  stages.push_back(std::make_unique<Product>(reader, combines));
  for (auto& combine : combines) stages.push_back(std::move(combine));
}

}  // namespace densely
