// The way in and out of a program: minibatches from data sets, results to the caller.
#include "data.h"

#include <algorithm>
#include <cstring>

#include "transpose.h"

namespace densely {

namespace {

constexpr long tileElements = 16384;

// y[f, r] or y[r, f] = value of feature f of example r; or y[i] = number i of a source without rows.
class Load : public Stage {
 public:
  Load(Reader& reader, std::vector<SourceUse>& uses) {
    source = reader.integer(0, "the source", 0, reader.limits.sourceCount - 1);
    reader.expectAttributes(1);
    reader.expectOperands(1, 0);
    if (reader.failed()) return;
    const Operand& y = reader.outs[0];
    SourceUse& use = uses[(size_t)source];
    if (use.width != 0 && use.width != y.count) reader.fail("source %ld is read with %ld and with %ld numbers", source, use.width, y.count);
    use.width = y.count;
    (y.layout == staticLayout ? use.fixed : use.rows) = true;
    setOperands(reader.outs, {});
  }

  void shape(long newRows) override {
    rows = outs[0].layout == staticLayout ? 1 : newRows;
    const long count = outs[0].count;
    if (outs[0].layout == featureMajor) {
      tileLength = std::min(count, std::max(lanes, roundUp(tileElements / rows, lanes)));
      tiles = divideUp(count, tileLength);
    } else {
      tileLength = std::max(1L, tileElements / count);
      tiles = divideUp(rows, tileLength);
    }
  }

  void run(const StepView& step, const Workspace&, long begin, long end) const override {
    const Source& from = step.sources[source];
    switch (from.element) {
      case Element::float32: gather(static_cast<const float*>(from.data), step, from, begin, end); break;
      case Element::uint8: gather(static_cast<const uint8_t*>(from.data), step, from, begin, end); break;
      case Element::int32: gather(static_cast<const int32_t*>(from.data), step, from, begin, end); break;
    }
  }

  double work(long count) const override { return 4 * (double)outs[0].count * (double)(outs[0].layout == staticLayout ? 1 : count); }

 private:
  template <class T>
  void gather(const T* data, const StepView& step, const Source& from, long begin, long end) const {
    const long width = outs[0].count;
    const bool fixed = outs[0].layout == staticLayout;
    const int32_t* order = fixed ? nullptr : step.order;
    const long first = fixed || order ? 0 : step.first;
    if (outs[0].layout == featureMajor) {
      gatherTranspose(data, width, order, first, rows, from.scale, from.shift, begin * tileLength, std::min(width, end * tileLength), out[0], leadingDimension(rows));
    } else {
      gatherRows(data, width, order, first, begin * tileLength, std::min(rows, end * tileLength), from.scale, from.shift, out[0]);
    }
  }

  long source = 0, rows = 1, tileLength = 1;
};

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

void makeLoad(Reader& reader, Stages& stages, std::vector<SourceUse>& sources) { stages.push_back(std::make_unique<Load>(reader, sources)); }
void makeStore(Reader& reader, Stages& stages, std::vector<SinkUse>& sinks) { stages.push_back(std::make_unique<Store>(reader, sinks)); }

}  // namespace densely
