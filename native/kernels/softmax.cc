// Softmax, its logarithm, log-sum-exp, and cross-entropy from logits; examples side by side where they are contiguous.
#include "softmax.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "elementwise.h"
#include "reduce.h"
#include "softmax_lanes.h"

namespace densely {

namespace {

enum SoftmaxKind : int { plainSoftmax, logSoftmax, logSumExp };

// Elementwise kernels and lane loops, found once.
struct Kernels {
  LaneKernels lane = laneKernels();
  ElementwiseKernel exp = elementwiseKernel((int)Elementwise::exp);
  ElementwiseKernel log = elementwiseKernel((int)Elementwise::log);
  ElementwiseKernel add = elementwiseKernel((int)Elementwise::add);
  ElementwiseKernel subtract = elementwiseKernel((int)Elementwise::subtract);
  ElementwiseKernel shift = elementwiseKernel((int)Elementwise::shift);
  ElementwiseKernel scale = elementwiseKernel((int)Elementwise::scale);
  ElementwiseKernel reciprocal = elementwiseKernel((int)Elementwise::reciprocal);

  // largest[i] and sum[i] = Σ exp(x − largest). The exponentials go to y (lines `strideY` apart), or to `group` where y is null.
  void sumExponentials(float* largest, float* sum, float* y, long strideY, float* group, const float* x, long k, long stride, long n) const {
    lane.largest(largest, x, k, stride, n);
    splat(sum, 0, n);
    for (long c = 0; c < k; c += classGroup) {
      const long count = std::min(classGroup, k - c), strideE = y ? strideY : n;
      float* e = y ? y + c * strideY : group;
      lane.subtract(e, strideE, x + c * stride, stride, largest, count, n);
      if (strideE == n) exp(e, e, nullptr, nullptr, 0, count * n);
      else for (long i = 0; i < count; i++) exp(e + i * strideE, e + i * strideE, nullptr, nullptr, 0, n);
      lane.add(sum, e, count, strideE, n);
    }
  }
};

constexpr long laneFloats = laneBlock * (classGroup + 4);
constexpr long lineFloats = 512;  // of a contiguous line at a time

class Softmax : public Stage {
 public:
  explicit Softmax(Reader& reader) {
    kind = (int)reader.integer(0, "the kind of softmax", plainSoftmax, logSumExp);
    outer = reader.dimension(1, "outer");
    k = reader.integer(2, "k", 1, dimensionLimit);
    inner = reader.innerDimension(3, "inner");
    reader.expectAttributes(4);
    reader.expectOperands(1, 1);
    if (outer < 0 && inner < 0) reader.fail("both outer and inner are rows");
    if (reader.failed()) return;
    const int layout = outer < 0 ? exampleMajor : inner < 0 ? featureMajor : staticLayout;
    const long lines = multiplySizes(std::max(outer, 1L), std::labs(inner));
    reader.expectOperand(reader.ins[0], "x", multiplySizes(lines, k), layout);
    reader.expectOperand(reader.outs[0], "y", kind == logSumExp ? lines : multiplySizes(lines, k), layout);
    setOperands(reader.outs, reader.ins);
    blockFloats = std::max(laneFloats, lineFloats);
  }

  void shape(long rows) override {
    lines = outer < 0 ? rows : outer;
    width = inner < 0 ? -inner * leadingDimension(rows) : inner;
    blocks = divideUp(width, laneBlock);
    tiles = lines * blocks;
  }

  void run(const StepView&, const Workspace& workspace, long begin, long end) const override {
    for (long tile = begin; tile < end; tile++) {
      const long line = tile / blocks, lane = tile % blocks * laneBlock;
      const float* x = in[0] + line * k * width + lane;
      float* y = out[0] + line * (kind == logSumExp ? 1 : k) * width + lane;
      if (width == 1) runLine(x, y, workspace.blocks);
      else runLanes(x, y, std::min(laneBlock, width - lane), workspace.blocks);
    }
  }

  double work(long rows) const override {
    return 20 * (double)(outer < 0 ? rows : outer) * (double)k * (double)(inner < 0 ? -inner * rows : inner);
  }

 private:
  void runLanes(const float* x, float* y, long n, float* blocks) const {
    float *largest = blocks, *sum = blocks + laneBlock, *group = blocks + 4 * laneBlock;
    kernels.sumExponentials(largest, sum, kind == plainSoftmax ? y : nullptr, width, group, x, k, width, n);
    if (kind == plainSoftmax) {
      kernels.reciprocal(sum, sum, nullptr, nullptr, 0, n);
      kernels.lane.multiply(y, width, sum, k, n);
      return;
    }
    kernels.log(sum, sum, nullptr, nullptr, 0, n);
    if (kind == logSumExp) {
      kernels.add(y, largest, sum, nullptr, 0, n);
      return;
    }
    kernels.lane.subtract(y, width, x, width, largest, k, n);
    for (long c = 0; c < k; c++) kernels.subtract(y + c * width, y + c * width, sum, nullptr, 0, n);
  }

  // One line of k contiguous values.
  void runLine(const float* x, float* y, float* block) const {
    const float found = maximumOf(x, k), largest = found == -INFINITY ? 0 : found;
    double total = 0;
    for (long at = 0; at < k; at += lineFloats) {
      const long n = std::min(lineFloats, k - at);
      float* e = kind == plainSoftmax ? y + at : block;
      kernels.shift(e, x + at, nullptr, nullptr, -largest, n);
      kernels.exp(e, e, nullptr, nullptr, 0, n);
      total += (double)sumOf(e, n);
    }
    if (kind == plainSoftmax) {
      kernels.scale(y, y, nullptr, nullptr, (float)(1 / total), k);
    } else if (kind == logSumExp) {
      *y = (float)((double)largest + std::log(total));
    } else {
      kernels.shift(y, x, nullptr, nullptr, -largest, k);
      kernels.shift(y, y, nullptr, nullptr, (float)-std::log(total), k);
    }
  }

  Kernels kernels;
  int kind = 0;
  long outer = 1, k = 1, inner = 1;  // negative: rows
  long lines = 1, width = 1, blocks = 1;
};

class SoftmaxCrossEntropy : public Stage {
 public:
  explicit SoftmaxCrossEntropy(Reader& reader) {
    k = reader.integer(0, "k", 1, dimensionLimit);
    sparse = reader.integer(1, "sparse", 0, 1) == 1;
    reader.expectAttributes(2);
    hasDelta = reader.outs.size() == 2;
    reader.expectOperands(hasDelta ? 2 : 1, 2);
    if (reader.failed()) return;
    reader.expectOperand(reader.ins[0], "z", k, featureMajor);
    reader.expectOperand(reader.ins[1], "t", sparse ? 1 : k, featureMajor);
    reader.expectOperand(reader.outs[0], "the loss", 1, featureMajor);
    if (hasDelta) reader.expectOperand(reader.outs[1], "delta", k, featureMajor);
    setOperands(reader.outs, reader.ins);
    blockFloats = laneFloats;
  }

  void shape(long newRows) override {
    rows = newRows;
    ld = leadingDimension(rows);
    tiles = divideUp(ld, laneBlock);
  }

  void run(const StepView&, const Workspace& workspace, long begin, long end) const override {
    float *largest = workspace.blocks, *sum = largest + laneBlock, *logSum = sum + laneBlock, *total = logSum + laneBlock, *group = total + laneBlock;
    for (long tile = begin; tile < end; tile++) {
      const long lane = tile * laneBlock, n = std::min(laneBlock, ld - lane);
      const float *z = in[0] + lane, *t = in[1] + lane;
      float *loss = out[0] + lane, *delta = hasDelta ? out[1] + lane : nullptr;
      kernels.sumExponentials(largest, sum, delta, ld, group, z, k, ld, n);
      kernels.log(logSum, sum, nullptr, nullptr, 0, n);
      if (hasDelta) kernels.reciprocal(sum, sum, nullptr, nullptr, 0, n);
      if (sparse) {
        if (hasDelta) kernels.lane.multiply(delta, ld, sum, k, n);
        chooseLabels(z, t, loss, delta, largest, logSum, std::min(n, rows - lane));
      } else {
        kernels.lane.loss(loss, total, z, t, largest, logSum, k, ld, n);
        if (!hasDelta) continue;
        kernels.lane.multiply(sum, n, total, 1, n);
        kernels.lane.delta(delta, sum, t, k, ld, n);
      }
    }
  }

  double work(long count) const override { return 30 * (double)k * (double)count; }

 private:
  // Loss of the labelled class; delta there is one less than the softmax.
  void chooseLabels(const float* z, const float* labels, float* loss, float* delta, const float* largest, const float* logSum, long n) const {
    for (long i = 0; i < n; i++) {
      const float label = labels[i];
      const long c = label >= 0 && label < (float)k ? (long)label : -1;
      if (c < 0 || (float)c != label || c >= k) {
        loss[i] = NAN;
        continue;
      }
      loss[i] = logSum[i] - (z[c * ld + i] - largest[i]);
      if (delta) delta[c * ld + i] -= 1;
    }
  }

  Kernels kernels;
  long k = 1;
  bool sparse = false, hasDelta = false;
  long rows = 1, ld = 1;
};

}  // namespace

void makeSoftmax(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Softmax>(reader)); }
void makeSoftmaxCrossEntropy(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<SoftmaxCrossEntropy>(reader)); }

}  // namespace densely
