// Matrix products rounded to bfloat16: stages that pack an operand as a whole, then tiles of the product with the chain on each.
#include "product_bf16.h"

#include <algorithm>
#include <cstring>

#include "chain.h"
#include "gemm_bf16.h"
#include "reduce.h"
#include "transpose.h"

namespace densely {

namespace {

using namespace bfloat16;

constexpr long packingElements = 16384;  // of a tile that packs
constexpr long widestBlock = 512;        // columns of a tile; a wider product is cut into blocks
constexpr long blockColumns = 432;       // of about so many: a multiple of the three vectors of a kernel
constexpr long packedBudget = 65536;     // pairs of A in a tile: they stay in the second-level cache beside a few panels of B
constexpr long mostAhead = 3;            // matrices that are fetched for the chain
constexpr long mostTileLines = 128, tilesWanted = 8;
constexpr long mostAcross = 8;           // columns of a minibatch so small that the lines of A become the vectors

uint32_t* pairsAt(float* memory) { return reinterpret_cast<uint32_t*>(memory); }
const uint32_t* pairsAt(const float* memory) { return reinterpret_cast<const uint32_t*>(memory); }

// A dimension and its size in the present shape.
struct Dimension {
  long encoded;  // -1: rows
  long at(long rows) const { return encoded < 0 ? rows : encoded; }
  // Distance of the lines of a matrix with so many columns.
  long stride(long rows) const { return encoded < 0 ? leadingDimension(rows) : encoded; }
};

// packed = an operand X in panels, or a B of a single column as a row; X is [lines, terms], or [terms, lines] where it is transposed.
// What is kept, with `holds`, is an A.
class Pack : public Stage {
 public:
  Pack(Reader& reader, const Operand& x, Dimension lines, Dimension terms, bool transposed, const bool* holds) : lines(lines), terms(terms), transposed(transposed), holds(holds) {
    const long maxRows = reader.limits.maxRows;
    setOperands({reader.reservePartials(panelsLength(lines.at(maxRows), terms.at(maxRows)))}, {x});
  }

  void shape(long rows) override {
    lineCount = lines.at(rows);
    termCount = terms.at(rows);
    stride = (transposed ? lines : terms).stride(rows);
    isRow = !holds && lineCount == 1;
    const long length = isRow ? 2 : transposed ? 2 * lineCount : panelLines * termCount;  // of a pair of rows, or of a panel
    tileLength = std::max(1L, packingElements / length);
    tiles = divideUp(transposed ? pairsOf(termCount) : divideUp(lineCount, panelLines), tileLength);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    if (holds && *holds) return;
    uint32_t* to = pairsAt(out[0]);
    if (isRow) return packRows(1, std::min(termCount, 2 * end * tileLength) - 2 * begin * tileLength, in[0] + 2 * begin * tileLength, termCount, to + begin * tileLength);
    if (transposed) return packTransposed(lineCount, termCount, in[0], stride, to, begin * tileLength, std::min(pairsOf(termCount), end * tileLength));
    const long line = begin * tileLength * panelLines, lineEnd = std::min(lineCount, end * tileLength * panelLines);
    packPanels(lineEnd - line, termCount, in[0] + line * stride, stride, to + line / panelLines * panelStride(pairsOf(termCount)));
  }

  // What holds is counted as if it did not: who shares it goes by the shape alone.
  double work(long rows) const override { return (double)lines.at(rows) * (double)terms.at(rows); }

 private:
  Dimension lines, terms;
  bool transposed;
  const bool* holds;
  bool isRow = false;
  long lineCount = 1, termCount = 1, stride = 1, tileLength = 1;
};

class ProductBfloat16 : public Stage {
 public:
  ProductBfloat16(Reader& reader, Stages& packs, Stages& combines, const bool* copiesHold) {
    M.encoded = reader.dimension(0, "M");
    N.encoded = reader.dimension(1, "N");
    K.encoded = reader.dimension(2, "K");
    transposeA = reader.integer(3, "transposeA", 0, 1) == 1;
    keepsA = reader.integer(4, "keepsA", 0, 1) == 1;
    if ((M.encoded < 0) + (N.encoded < 0) + (K.encoded < 0) > 1) reader.fail("more than one of M, N and K is rows");
    if (reader.ins.size() < 2) reader.fail("expected at least 2 ins but received %zu", reader.ins.size());
    if (!available()) reader.fail("the processor has no AVX512-BF16");
    if (reader.failed()) return;
    if (keepsA && reader.ins[0].layout != staticLayout) reader.fail("expected an A that is kept to be static");
    reader.expectMatrix(reader.ins[0], "A", transposeA ? K.encoded : M.encoded, transposeA ? M.encoded : K.encoded);
    reader.expectMatrix(reader.ins[1], "B", K.encoded, N.encoded);
    chain.decode(reader, 5, 2, true);
    if (chain.lines != M.encoded || chain.columns != N.encoded) reader.fail("the chain runs over %ld x %ld but the product is %ld x %ld", chain.lines, chain.columns, M.encoded, N.encoded);
    if (reader.failed()) return;
    productOut = chain.takeProductStore(reader);
    std::vector<Operand> operands = reader.ins;
    packs.push_back(std::make_unique<Pack>(reader, operands[1], N, K, true, nullptr));
    operands[1] = packs.back()->outs[0];
    if (keepsA) {
      packs.push_back(std::make_unique<Pack>(reader, operands[0], M, K, transposeA, copiesHold));
      operands[0] = packs.back()->outs[0];
    }
    setOperands(reader.outs, operands);
    blockFloats = chain.blockFloats();
    const long maxRows = reader.limits.maxRows, longest = N.at(maxRows), deepest = K.at(maxRows);
    tileFloats = (keepsA ? 0 : packedFloats(deepest)) + (productOut >= 0 ? 0 : mostTileLines * widestBlock);
    if (longest <= widestBlock) return;
    for (size_t i = 0; i < outs.size(); i++) {
      if (!chain.sumsOut(i)) continue;
      const Operand partials = reader.reservePartials(multiplySizes(M.at(maxRows), divideUp(longest, blockColumns)));
      combines.push_back(std::make_unique<Combine>(true, outs[i], partials, &columnBlocks));
      outs[i] = partials;
    }
  }

  void shape(long rows) override {
    m = M.at(rows);
    n = N.at(rows);
    k = K.at(rows);
    stride = N.stride(rows);
    strideA = (transposeA ? M : K).stride(rows);
    chain.shape(m, n, stride, in.data() + 2, out.data());
    columnBlocks = stride <= widestBlock ? 1 : divideUp(n, blockColumns);
    width = columnBlocks == 1 ? stride : blockColumns;
    across = n == 1 || (n <= mostAcross && N.encoded < 0 && (keepsA || transposeA));
    const long shared = across ? mostTileLines : roundUp(divideUp(m, tilesWanted), panelLines);
    const long fitting = across && keepsA ? mostTileLines : fittingLines(k);
    const long lineTiles = divideUp(m, std::min(shared, fitting));
    tileLines = std::min(m, roundUp(divideUp(m, lineTiles), panelLines));
    tiles = divideUp(m, tileLines) * columnBlocks;
  }

  void run(const StepView&, const Workspace& workspace, long begin, long end) const override {
    const long pairs = pairsOf(k);
    const uint32_t* B = pairsAt(in[1]);
    for (long tile = begin; tile < end; tile++) {
      const long line = tile / columnBlocks * tileLines, block = tile % columnBlocks;
      const long lineEnd = std::min(m, line + tileLines), column = block * width;
      const long columnEnd = block + 1 == columnBlocks ? stride : column + width;
      float* C = productOut >= 0 ? out[productOut] + line * stride + column : workspace.tile;
      const long strideC = productOut >= 0 ? stride : columnEnd - column;
      uint32_t* packed = pairsAt(workspace.tile + (productOut >= 0 ? 0 : mostTileLines * widestBlock));
      const float* ahead[mostAhead];
      const long aheadCount = findAhead(line * stride + column, ahead);
      if (across) {
        multiplyAcross(lineEnd - line, pairs, panelsOfA(line, lineEnd, packed), B, C);
      } else {
        multiply(lineEnd - line, columnEnd - column, pairs, linesOfA(line, lineEnd, packed), B + column / panelLines * panelStride(pairs), C, strideC, {ahead, aheadCount, stride});
      }
      if (chain.empty()) continue;
      chain.run({line, lineEnd, column, columnEnd, block, C, strideC}, columnBlocks, in.data() + 2, out.data(), workspace.blocks);
    }
  }

  double work(long rows) const override {
    const double results = (double)M.at(rows) * (double)N.at(rows);
    // With one column every weight is read for a single multiplication: memory, not arithmetic, sets the pace.
    return results * ((N.at(rows) == 1 ? 4 : 1) * (double)K.at(rows) + 4 * chain.operationCount());
  }

  bool heavy() const override { return true; }

  bool mayShare(size_t outIndex, size_t inIndex) const override {
    return inIndex >= 2 && (long)outIndex != productOut && !chain.sumsOut(outIndex) && chain.fullInput(inIndex - 2);
  }

 private:
  // Lines whose pairs fit the budget, at least a panel.
  static long fittingLines(long terms) { return std::clamp(packedBudget / rowStride(pairsOf(terms)) / panelLines * panelLines, panelLines, mostTileLines); }
  // What the pairs of a tile take, of no more terms than `deepest`, in rows or in panels, which are up to a pair longer for every line.
  static long packedFloats(long deepest) { return std::max(packedBudget, panelLines * rowStride(pairsOf(deepest))) + mostTileLines; }

  // Few columns: the lines of A are the vectors, and the columns are broadcast.
  void multiplyAcross(long lines, long pairs, const uint32_t* A, const uint32_t* B, float* C) const {
    if (n == 1) return multiply(1, lines, pairs, {B, 0, 0, 1}, A, C, 0, {nullptr, 0, 0});
    float transposed[densely::lanes * mostTileLines];
    multiply(n, lines, pairs, inPanels(B, pairs), A, transposed, lines, {nullptr, 0, 0});
    std::memset(transposed + n * lines, 0, (size_t)((stride - n) * lines) * sizeof(float));
    transposeBlock(transposed, lines, stride, lines, C, stride);
  }

  // What the chain reads element by element of the tile that begins at element `first`.
  long findAhead(long first, const float** ahead) const {
    long count = 0;
    for (size_t i = 2; i < in.size() && count < mostAhead; i++)
      if (chain.fullInput(i - 2)) ahead[count++] = in[i] + first;
    return count;
  }

  const float* startOfA(long line) const { return in[0] + (transposeA ? line : line * strideA); }

  const uint32_t* panelsOfA(long line, long lineEnd, uint32_t* packed) const {
    if (keepsA) return pairsAt(in[0]) + line / panelLines * panelStride(pairsOf(k));
    if (transposeA) packTransposed(lineEnd - line, k, startOfA(line), strideA, packed, 0, pairsOf(k));
    else packPanels(lineEnd - line, k, startOfA(line), strideA, packed);
    return packed;
  }

  Lines linesOfA(long line, long lineEnd, uint32_t* packed) const {
    if (keepsA || transposeA) return inPanels(panelsOfA(line, lineEnd, packed), pairsOf(k));
    packRows(lineEnd - line, k, startOfA(line), strideA, packed);
    return inRows(packed, pairsOf(k));
  }

  Dimension M, N, K;
  bool transposeA = false, keepsA = false;
  Chain chain;
  long productOut = -1;  // the out that the product itself writes, or -1

  // The present shape.
  bool across = false;
  long m = 1, n = 1, k = 1, stride = 1, strideA = 1;
  long columnBlocks = 1, width = 1, tileLines = 1;
};

}  // namespace

void makeProductBfloat16(Reader& reader, Stages& stages, const bool* copiesHold) {
  Stages packs, combines;
  auto product = std::make_unique<ProductBfloat16>(reader, packs, combines, copiesHold);
  for (auto& pack : packs) stages.push_back(std::move(pack));
  stages.push_back(std::move(product));
  for (auto& combine : combines) stages.push_back(std::move(combine));
}

}  // namespace densely
