// The way into a program: minibatches gathered from data sets, inputs as they are.
#pragma once
#include "../reader.h"

namespace densely {

// y[f, r] and y[r, f] = value of feature f of example r, one of them or both; or y[i] = number i of a source without rows.
//
// Where a few threads read both layouts, or a minibatch that their caches hold, in products alone, each gathers it for itself: a line of memory that
// another core has read is slow to write, and then that costs more than gathering everything once a thread.
class Load : public Stage {
 public:
  Load(Reader& reader, std::vector<SourceUse>& uses);
  void shape(long newRows) override;
  void run(const StepView& step, const Workspace&, long begin, long end) const override;
  double work(long count) const override;
  Load* asLoad() override { return this; }

  // Tells the readers of the outs, where all of them can take what is gathered, and reserves memory for it behind `at` floats of a
  // thread's own; `at` is null where that would be too much.
  void link(const std::vector<std::pair<Stage*, size_t>> (&readers)[2], long maxRows, long* at);
  bool hasOwn() const { return isOwn; }
  // Whether out `i` has to be made for steps of so many examples: its readers do not all read the source itself.
  bool makes(size_t i, const Source* sources, long rows) const;
  bool makesAnything(const Source* sources, long rows) const;
  // The example-major out.
  bool makesLines(const Source* sources, long rows) const { return outs.back().layout == exampleMajor && makes(outs.size() - 1, sources, rows); }
  // The whole minibatch into a thread's own memory.
  void gatherOwn(const StepView& step, float* own) const;

 private:
  void gatherTiles(const StepView& step, float* const* to, long begin, long end) const;

  long source = 0, rows = 1, tileRows = 1, featureBlocks = 1, blockFeatures = 1;
  bool isOwn = false;
  long places[2] = {0, 0};
  std::vector<const Stage*> readersOf[2];  // of each out, where all are known
};

void makeLoad(Reader& reader, Stages& stages, std::vector<SourceUse>& sources);

}  // namespace densely
