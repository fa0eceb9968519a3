// Class labels: one-hot vectors, and the class of the largest value.
#include "labels.h"

#include <algorithm>

#include "softmax_lanes.h"

namespace densely {

namespace {

// y[c, r] = 1 where labels[r] is c, else 0
class OneHot : public Stage {
 public:
  explicit OneHot(Reader& reader) {
    k = reader.integer(0, "k", 1, dimensionLimit);
    reader.expectAttributes(1);
    reader.expectOperands(1, 1);
    if (reader.failed()) return;
    reader.expectOperand(reader.ins[0], "the labels", 1, featureMajor);
    reader.expectOperand(reader.outs[0], "y", k, featureMajor);
    setOperands(reader.outs, reader.ins);
  }

  void shape(long rows) override {
    ld = leadingDimension(rows);
    tileClasses = std::max(1L, 16384 / ld);
    tiles = divideUp(k, tileClasses);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    const float* labels = in[0];
    for (long c = begin * tileClasses; c < std::min(k, end * tileClasses); c++) {
      float* y = out[0] + c * ld;
      const float label = (float)c;
      for (long r = 0; r < ld; r++) y[r] = labels[r] == label ? 1.0f : 0.0f;
    }
  }

  double work(long rows) const override { return 2 * (double)k * (double)rows; }

 private:
  long k = 1, ld = 1, tileClasses = 1;
};

// y[r] = the first class of the largest x[c, r]
class Argmax : public Stage {
 public:
  explicit Argmax(Reader& reader) {
    k = reader.integer(0, "k", 1, dimensionLimit);
    reader.expectAttributes(1);
    reader.expectOperands(1, 1);
    if (reader.failed()) return;
    reader.expectOperand(reader.ins[0], "x", k, featureMajor);
    reader.expectOperand(reader.outs[0], "y", 1, featureMajor);
    setOperands(reader.outs, reader.ins);
  }

  void shape(long rows) override {
    ld = leadingDimension(rows);
    tiles = divideUp(ld, tileRows);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    for (long tile = begin; tile < end; tile++) {
      const long first = tile * tileRows, n = std::min(tileRows, ld - first);
      kernels.first(out[0] + first, in[0] + first, k, ld, n);
    }
  }

  double work(long rows) const override { return 4 * (double)k * (double)rows; }

 private:
  static constexpr long tileRows = 2048;
  const LaneKernels kernels = laneKernels();
  long k = 1, ld = 1;
};

}  // namespace

void makeOneHot(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<OneHot>(reader)); }
void makeArgmax(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Argmax>(reader)); }

}  // namespace densely
