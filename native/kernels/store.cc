// The way out of a program: results to the caller.
#include "store.h"

#include <algorithm>
#include <cstring>

#include "transpose.h"

namespace densely {

namespace {

constexpr long tileElements = 16384;

// sink[(first + r) * count + f] = x[f, r], or sink[step * count + i] = x[i].
class Store : public Stage {
 public:
  Store(Reader& reader, std::vector<SinkUse>& uses) {
    sink = (int)reader.integer(0, "the sink", 0, reader.limits.sinkCount - 1);
    reader.expectAttributes(1);
    reader.expectOperands(0, 1);
    if (reader.failed()) return;
    const Operand& x = reader.ins[0];
    if (x.layout == exampleMajor) reader.fail("expected x to be static or feature-major");
    SinkUse& use = uses[(size_t)sink];
    if (use.count != 0 && use.count != x.count) reader.fail("sink %d is written with %ld and with %ld numbers", sink, use.count, x.count);
    use.count = x.count;
    (x.layout == staticLayout ? use.fixed : use.rows) = true;
    setOperands({}, reader.ins);
  }

  void shape(long newRows) override {
    rows = newRows;
    tileRows = ins[0].layout == staticLayout ? rows : std::max(lanes, roundUp(tileElements / ins[0].count, lanes));
    tiles = divideUp(rows, tileRows);
  }

  void run(const StepView& step, const Workspace&, long begin, long end) const override {
    const long count = ins[0].count;
    float* to = step.sinks[sink].data;
    if (ins[0].layout == staticLayout) {
      std::memcpy(to + step.index * count, in[0], (size_t)count * sizeof(float));
      return;
    }
    const long ld = leadingDimension(rows), firstRow = begin * tileRows, lastRow = std::min(rows, end * tileRows);
    if (count == 1) std::memcpy(to + step.first + firstRow, in[0] + firstRow, (size_t)(lastRow - firstRow) * sizeof(float));
    else transposeBlock(in[0] + firstRow, ld, count, lastRow - firstRow, to + (step.first + firstRow) * count, count);
  }

  double work(long count) const override { return 2 * (double)ins[0].count * (double)(ins[0].layout == staticLayout ? 1 : count); }

 private:
  long rows = 1, tileRows = 1;
};

}  // namespace

void makeStore(Reader& reader, Stages& stages, std::vector<SinkUse>& sinks) { stages.push_back(std::make_unique<Store>(reader, sinks)); }

}  // namespace densely
