// The instruction `chain`: tiles of lines, or of a flat range where lines do not matter.
#include <algorithm>

#include "chain.h"
#include "reduce.h"

namespace densely {

namespace {

constexpr long tileElements = 16384;

class ChainStage : public Stage {
 public:
  explicit ChainStage(Reader& reader, Stages& combines) {
    chain.decode(reader, 0, 0, false);
    if (reader.failed()) return;
    setOperands(reader.outs, reader.ins);
    blockFloats = chain.blockFloats();
    // A long line is summed in several tiles, which leave partial sums.
    const long longest = chain.columns < 0 ? reader.limits.maxRows : chain.columns;
    const long longestStride = chain.columns < 0 ? leadingDimension(longest) : chain.columns;
    if (longestStride <= tileElements) return;
    for (size_t i = 0; i < outs.size(); i++) {
      if (!chain.sumsOut(i)) continue;
      const long lineCount = chain.lines < 0 ? reader.limits.maxRows : chain.lines;
      const Operand partials = reader.reservePartials(multiplySizes(lineCount, divideUp(longest, tileElements)));
      combines.push_back(std::make_unique<Combine>(true, outs[i], partials, &columnBlocks));
      outs[i] = partials;
    }
  }

  void shape(long rows) override {
    lineCount = chain.lines < 0 ? rows : chain.lines;
    const long columnCount = chain.columns < 0 ? rows : chain.columns;
    stride = chain.columns < 0 ? leadingDimension(rows) : chain.columns;
    chain.shape(lineCount, columnCount, stride, in.data(), out.data());
    columnBlocks = chain.flat() || stride <= tileElements ? 1 : divideUp(columnCount, tileElements);
    tileLines = std::max(1L, tileElements / stride);
    tiles = chain.flat() ? divideUp(lineCount * stride, tileElements) : divideUp(lineCount, tileLines) * columnBlocks;
  }

  void run(const StepView&, const Workspace& workspace, long begin, long end) const override {
    if (tiles == 1 && chain.isCompiled()) return chain.runWhole(nullptr);
    if (chain.flat()) {
      chain.runFlat(begin * tileElements, std::min(end * tileElements, lineCount * stride), nullptr, in.data(), out.data(), workspace.blocks);
      return;
    }
    if (columnBlocks == 1) {
      chain.run({begin * tileLines, std::min(end * tileLines, lineCount), 0, stride, 0, nullptr, 0}, 1, in.data(), out.data(), workspace.blocks);
      return;
    }
    for (long tile = begin; tile < end; tile++) {
      const long line = tile / columnBlocks, block = tile % columnBlocks;
      const long columnEnd = block + 1 == columnBlocks ? stride : (block + 1) * tileElements;
      chain.run({line, line + 1, block * tileElements, columnEnd, block, nullptr, 0}, columnBlocks, in.data(), out.data(), workspace.blocks);
    }
  }

  double work(long rows) const override {
    return 4 * chain.operationCount() * (double)(chain.lines < 0 ? rows : chain.lines) * (double)(chain.columns < 0 ? rows : chain.columns);
  }

  bool mayShare(size_t outIndex, size_t inIndex) const override { return !chain.sumsOut(outIndex) && chain.fullInput(inIndex); }

 private:
  Chain chain;
  long lineCount = 1, stride = 1, tileLines = 1, columnBlocks = 1;
};

}  // namespace

void makeChain(Reader& reader, Stages& stages) {
  Stages combines;
  stages.push_back(std::make_unique<ChainStage>(reader, combines));
  for (auto& combine : combines) stages.push_back(std::move(combine));
}

}  // namespace densely
