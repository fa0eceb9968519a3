// Sums and maxima over the middle of a tensor [outer, middle, inner].
#pragma once
#include "../reader.h"

namespace densely {

// y[i] = sum (or largest) of the `blocks` partial results of line i, which follow each other.
class Combine : public Stage {
 public:
  Combine(bool sums, const Operand& out, const Operand& partials, const long* blocks);
  void shape(long rows) override;
  void run(const StepView& step, const Workspace& workspace, long begin, long end) const override;
  double work(long) const override { return 0; }

 private:
  bool sums;
  long lines = 1;
  const long* blocks;  // the producing stage's number, which changes with its shape
};

// The sum of n values: pieces in float, their sum in double.
double sumOfMany(const float* x, long n);
// The largest of n > 0 values, NaN where any is NaN.
float maximumOf(const float* x, long n);

void makeReduce(Reader& reader, Stages& stages);

}  // namespace densely
