// Elementwise programs, run block by block.
#include "chain.h"

#include <algorithm>
#include <cstring>

namespace densely {

static void expectAccess(Reader& reader, const Operand& operand, int access, long lines, long columns) {
  switch (access) {
    case fullAccess:
      if (columns < 0) reader.expectOperand(operand, "a full operand", lines, featureMajor);
      else if (lines < 0) reader.expectOperand(operand, "a full operand", columns, exampleMajor);
      else reader.expectOperand(operand, "a full operand", multiplySizes(lines, columns), staticLayout);
      break;
    case lineAccess: reader.expectOperand(operand, "an operand of one value per line", std::max(lines, 1L), lines < 0 ? featureMajor : staticLayout); break;
    case columnAccess: reader.expectOperand(operand, "an operand of one value per column", std::max(columns, 1L), columns < 0 ? featureMajor : staticLayout); break;
    default: reader.expectOperand(operand, "a scalar operand", 1, staticLayout);
  }
}

void Chain::decode(Reader& reader, size_t at, size_t firstIn, bool hasProduct) {
  lines = reader.dimension(at++, "lines");
  columns = reader.dimension(at++, "columns");
  if (lines < 0 && columns < 0) reader.fail("both lines and columns are rows");
  bool anyFull = hasProduct;
  const long inputCount = reader.integer(at++, "the number of inputs", 0, valueLimit);
  size_t nextIn = firstIn;
  for (long i = 0; i < inputCount && !reader.failed(); i++) {
    Input input = {(int)reader.integer(at++, "the kind of an input", fullAccess, productAccess), 0, -1, 0, 0, 0};
    if ((input.kind == productAccess) != (hasProduct && i == 0)) reader.fail("a product's tile is input 0 of its chain and nothing else");
    if (input.kind != productAccess) {
      input.in = (int)(nextIn - firstIn);
      if (nextIn < reader.ins.size()) expectAccess(reader, reader.ins[nextIn], input.kind, lines, columns);
      nextIn++;
    }
    if (input.kind != fullAccess && input.kind != productAccess) input.broadcast = (int)broadcastCount++;
    anyFull = anyFull || input.kind == fullAccess;
    inputs.push_back(input);
  }
  if (hasProduct && inputCount == 0) reader.fail("the chain of a product does not read it");
  const long outCount = reader.integer(at++, "the number of outs", 0, valueLimit);
  for (long i = 0; i < outCount && !reader.failed(); i++) {
    const int kind = (int)reader.integer(at++, "the kind of an out", fullEmission, lineSumEmission);
    if ((size_t)i < reader.outs.size()) expectAccess(reader, reader.outs[i], kind == fullEmission ? fullAccess : lineAccess, lines, columns);
    anyFull = anyFull || kind == fullEmission;
    sumCount += kind == lineSumEmission;
    outKinds.push_back(kind);
  }
  if (nextIn != reader.ins.size() || (size_t)outCount != reader.outs.size()) {
    reader.fail("the chain has %ld outs and %zu ins but the instruction has %zu and %zu", outCount, nextIn, reader.outs.size(), reader.ins.size());
  }
  // The space is bounded by an operand that fills it.
  if (!anyFull) reader.fail("no operand of the chain is full");
  registerCount = reader.integer(at++, "the number of registers", 0, valueLimit - inputCount - outCount);
  const long operationCount = reader.integer(at++, "the number of operations", 1, 100000);
  if (reader.attributes.size() < at || (reader.attributes.size() - at) != (size_t)operationCount * 6) {
    reader.fail("expected %ld operations of 6 attributes but %zu attributes follow", operationCount, reader.attributes.size() - std::min(at, reader.attributes.size()));
  }
  if (!reader.failed()) decodeOperations(reader, at, operationCount);
}

void Chain::decodeOperations(Reader& reader, size_t at, long count) {
  const long firstOut = (long)inputs.size(), top = firstOut + (long)outKinds.size() + registerCount;
  const auto isSum = [&](long value) { return value >= firstOut && value < firstOut + (long)outKinds.size() && outKinds[value - firstOut] == lineSumEmission; };
  for (long i = 0; i < count && !reader.failed(); i++, at += 6) {
    const int op = (int)reader.integer(at, "an operation", 0, elementwiseCount - 1);
    const bool sums = op == (int)Elementwise::sumColumns;
    const long destination = reader.integer(at + 1, "the destination of an operation", std::min(firstOut, top - 1), top - 1);
    if (top == firstOut) reader.fail("operation %ld has nowhere to write", i);
    if (isSum(destination) != sums) reader.fail("operation %ld (%s) writes an out of another kind", i, elementwiseNames[op]);
    for (const Operation& earlier : operations)
      if (sums && earlier.destination == destination) reader.fail("operation %ld (sumColumns) writes sums already made", i);
    long operands[3] = {0, 0, 0};
    for (int j = 0; j < (sums ? 1 : elementwiseArity[op]); j++) {
      operands[j] = reader.integer(at + 2 + j, "an operand of an operation", 0, top - 1);
      if (isSum(operands[j])) reader.fail("operation %ld (%s) reads the sums of lines", i, elementwiseNames[op]);
    }
    operations.push_back({(Elementwise)op, sums ? nullptr : elementwiseKernel(op), (int)destination, (int)operands[0], (int)operands[1], (int)operands[2], reader.number(at + 5, "an immediate")});
    immediates.push_back(operations.back().immediate);
    codes.push_back(codeStep((Elementwise)op, (int)destination, (int)operands[0], (int)operands[1], (int)operands[2]));
  }
}

bool Chain::fullInput(size_t in) const {
  for (const Input& input : inputs)
    if (input.in == (int)in) return input.kind == fullAccess;
  return false;
}

long Chain::takeProductStore(const Reader& reader) {
  const ElementwiseKernel copy = elementwiseKernel((int)Elementwise::copy);
  for (size_t i = 0; i < operations.size(); i++) {
    const Operation store = operations[i];
    const long out = store.destination - (long)inputs.size();
    if (store.kernel != copy || store.a != 0 || out < 0 || out >= (long)outKinds.size()) continue;
    // Nothing else may write there or read what was there before.
    bool free = true;
    for (size_t j = 0; j < operations.size(); j++) free = free && (j == i || operations[j].destination != store.destination);
    for (const Operand& in : reader.ins) free = free && !(in.region == reader.outs[out].region && in.offset == reader.outs[out].offset);
    if (!free) continue;
    operations.erase(operations.begin() + (long)i);
    immediates.erase(immediates.begin() + (long)i);
    codes.erase(codes.begin() + (long)i);
    return out;
  }
  return -1;
}

void Chain::shape(long lineCount, long columnCount, long newStride, const float* const* in, float* const* out) {
  validColumns = columnCount;
  stride = newStride;
  isFlat = sumCount == 0 || stride == 1;
  for (Input& input : inputs) {
    input.access = input.kind;
    // One column: a value per line is a value per element. One line: likewise for columns.
    if (input.kind == lineAccess && stride == 1) input.access = fullAccess;
    else if (input.kind == lineAccess && lineCount == 1) input.access = scalarAccess;
    else if (input.kind == columnAccess && columnCount == 1) input.access = scalarAccess;
    else if (input.kind == columnAccess && lineCount == 1) input.access = fullAccess;
    isFlat = isFlat && input.access != lineAccess && input.access != columnAccess;
    input.perLine = input.access == fullAccess ? stride : input.access == lineAccess;
    input.perColumn = input.access == fullAccess || input.access == columnAccess;
  }
  code = findCode();
  if (code) whole = viewOf({0, lineCount, 0, stride, 0, nullptr, stride}, 1, in, out);
}

// The chain's code, where it was compiled ahead.
ChainCode Chain::findCode() const {
  if (inputs.size() > ChainView::most || outKinds.size() > ChainView::most) return nullptr;
  ChainKey key = {(int)inputs.size(), (int)outKinds.size(), (int)registerCount, 0, 0, codes.data(), (int)codes.size()};
  for (size_t i = 0; i < inputs.size(); i++) key.numbers |= (uint32_t)(inputs[i].access == lineAccess || inputs[i].access == scalarAccess) << i;
  for (size_t i = 0; i < outKinds.size(); i++) key.sums |= (uint32_t)(outKinds[i] == lineSumEmission) << i;
  if (key.sums != 0 && stride == 1) return nullptr;
  return findChainCode(key);
}

void Chain::setRegisters(float** values, float* blocks) const {
  const size_t first = inputs.size() + outKinds.size();
  for (long i = 0; i < registerCount; i++) values[first + i] = blocks + i * blockLength;
}

void Chain::spreadScalars(float** values, const float* const* in, float* blocks, long n) const {
  for (size_t i = 0; i < inputs.size(); i++) {
    if (inputs[i].access != scalarAccess) continue;
    values[i] = broadcastBlock(inputs[i], blocks);
    splat(values[i], *in[inputs[i].in], n);
  }
}

template <class Sum>
void Chain::operate(float* const* values, long n, Sum sum) const {
  for (const Operation& operation : operations) {
    if (operation.kernel) operation.kernel(values[operation.destination], values[operation.a], values[operation.b], values[operation.c], operation.immediate, n);
    else sum(operation.destination - (long)inputs.size(), values[operation.destination], values[operation.a]);
  }
}

void Chain::runFlat(long begin, long end, const float* product, const float* const* in, float* const* out, float* blocks) const {
  if (code) {
    // One line as long as the range; without sums.
    ChainView view;
    view.lines = 1;
    view.n = end - begin;
    view.valid = 0;
    for (size_t i = 0; i < inputs.size(); i++) {
      view.in[i] = inputs[i].in < 0 ? nullptr : in[inputs[i].in] + begin * inputs[i].perColumn;
      view.inStride[i] = 0;
    }
    for (size_t i = 0; i < outKinds.size(); i++) {
      view.out[i] = out[i] + begin;
      view.outStride[i] = 0;
    }
    return code(view, immediates.data(), product);
  }
  float* values[valueLimit];
  setRegisters(values, blocks);
  spreadScalars(values, in, blocks, std::min(blockLength, end - begin));
  const size_t inputCount = inputs.size(), outCount = outKinds.size();
  for (long at = begin; at < end; at += blockLength) {
    const long n = std::min(blockLength, end - at);
    for (size_t i = 0; i < inputCount; i++)
      if (inputs[i].access == fullAccess) values[i] = const_cast<float*>(in[inputs[i].in]) + at;
    if (product) values[0] = const_cast<float*>(product) + (at - begin);
    for (size_t i = 0; i < outCount; i++) values[inputCount + i] = out[i] + at;
    // With one column the sum of a line is the value itself.
    operate(values, n, [n](long, float* y, const float* x) { std::memcpy(y, x, (size_t)n * sizeof(float)); });
  }
}

// Without the address of the product.
ChainView Chain::viewOf(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out) const {
  ChainView view;
  view.lines = tile.lineEnd - tile.lineBegin;
  view.n = tile.columnEnd - tile.columnBegin;
  const long first = tile.lineBegin * stride + tile.columnBegin;
  for (size_t i = 0; i < inputs.size(); i++) {
    const Input& input = inputs[i];
    if (input.in < 0) {
      view.in[i] = nullptr;
      view.inStride[i] = tile.productStride;
    } else {
      view.in[i] = in[input.in] + tile.lineBegin * input.perLine + tile.columnBegin * input.perColumn;
      view.inStride[i] = input.perLine;
    }
  }
  view.valid = std::min(tile.columnEnd, validColumns) - tile.columnBegin;
  for (size_t i = 0; i < outKinds.size(); i++) {
    view.out[i] = out[i] + (sumsOut(i) ? tile.lineBegin * columnBlocks + tile.columnBlock : first);
    view.outStride[i] = sumsOut(i) ? columnBlocks : stride;
  }
  if (isFlat && view.n == stride && (!tile.product || tile.productStride == stride)) view.n *= view.lines, view.lines = 1;
  return view;
}

void Chain::run(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out, float* blocks) const {
  if (code) return code(viewOf(tile, columnBlocks, in, out), immediates.data(), tile.product);
  const bool wholeLines = tile.columnBegin == 0 && tile.columnEnd == stride && (!tile.product || tile.productStride == stride);
  if (wholeLines && isFlat) runFlat(tile.lineBegin * stride, tile.lineEnd * stride, tile.product, in, out, blocks);
  else if (wholeLines && stride * 2 <= blockLength && columnBlocks == 1) runShortLines(tile, in, out, blocks);
  else runLongLines(tile, columnBlocks, in, out, blocks);
}

// Several whole lines in a block.
void Chain::runShortLines(const ChainTile& tile, const float* const* in, float* const* out, float* blocks) const {
  float* values[valueLimit];
  const long blockLines = std::min(blockLength / stride, tile.lineEnd - tile.lineBegin);
  setRegisters(values, blocks);
  spreadScalars(values, in, blocks, blockLines * stride);
  const size_t inputCount = inputs.size(), outCount = outKinds.size();
  for (size_t i = 0; i < inputCount; i++) {
    if (inputs[i].access == lineAccess) values[i] = broadcastBlock(inputs[i], blocks);
    if (inputs[i].access != columnAccess) continue;
    values[i] = broadcastBlock(inputs[i], blocks);
    for (long l = 0; l < blockLines; l++) std::memcpy(values[i] + l * stride, in[inputs[i].in], (size_t)stride * sizeof(float));
  }
  for (long line = tile.lineBegin; line < tile.lineEnd; line += blockLines) {
    const long count = std::min(blockLines, tile.lineEnd - line);
    for (size_t i = 0; i < inputCount; i++) {
      const Input& input = inputs[i];
      if (input.access == fullAccess) values[i] = const_cast<float*>(in[input.in]) + line * stride;
      else if (input.access == lineAccess)
        for (long l = 0; l < count; l++) splat(values[i] + l * stride, in[input.in][line + l], stride);
    }
    if (tile.product) values[0] = const_cast<float*>(tile.product) + (line - tile.lineBegin) * stride;
    for (size_t i = 0; i < outCount; i++) values[inputCount + i] = out[i] + line * stride;
    operate(values, count * stride, [&](long sumOut, float*, const float* x) {
      for (long l = 0; l < count; l++) out[sumOut][line + l] = sumOf(x + l * stride, validColumns);
    });
  }
}

// A line, or a block of its columns, in several blocks.
void Chain::runLongLines(const ChainTile& tile, long columnBlocks, const float* const* in, float* const* out, float* blocks) const {
  float* values[valueLimit];
  double sums[valueLimit];
  setRegisters(values, blocks);
  const long longest = std::min(blockLength, tile.columnEnd - tile.columnBegin);
  spreadScalars(values, in, blocks, longest);
  const size_t inputCount = inputs.size(), outCount = outKinds.size();
  for (long line = tile.lineBegin; line < tile.lineEnd; line++) {
    for (size_t i = 0; i < inputCount; i++) {
      if (inputs[i].access != lineAccess) continue;
      values[i] = broadcastBlock(inputs[i], blocks);
      splat(values[i], in[inputs[i].in][line], longest);
    }
    for (size_t i = 0; i < outCount; i++) sums[i] = 0;
    for (long column = tile.columnBegin; column < tile.columnEnd; column += blockLength) {
      const long n = std::min(blockLength, tile.columnEnd - column), valid = std::min(n, validColumns - column);
      for (size_t i = 0; i < inputCount; i++) {
        const Input& input = inputs[i];
        if (input.access == fullAccess) values[i] = const_cast<float*>(in[input.in]) + line * stride + column;
        else if (input.access == columnAccess) values[i] = const_cast<float*>(in[input.in]) + column;
      }
      if (tile.product) values[0] = const_cast<float*>(tile.product) + (line - tile.lineBegin) * tile.productStride + (column - tile.columnBegin);
      for (size_t i = 0; i < outCount; i++) values[inputCount + i] = out[i] + line * stride + column;
      operate(values, n, [&](long sumOut, float*, const float* x) {
        if (valid > 0) sums[sumOut] += sumOf(x, valid);
      });
    }
    for (size_t i = 0; i < outCount; i++)
      if (outKinds[i] == lineSumEmission) out[i][line * columnBlocks + tile.columnBlock] = (float)sums[i];
  }
}

}  // namespace densely
