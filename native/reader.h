// One encoded instruction, checked as it is read: the first violation is kept as a sentence, and later reads return harmless values.
#pragma once
#include <string>
#include <vector>

#include "stage.h"

namespace densely {

// What every operand is checked against.
struct Limits {
  long maxRows;
  long lengths[regionCount];
  long sourceCount, sinkCount;
};

// A source as the loads of a program use it.
struct SourceUse {
  bool rows = false, fixed = false;
  long width = 0;  // 0: not used
};

// A sink as the stores of a program use it.
struct SinkUse {
  bool rows = false, fixed = false;
  long count = 0;  // 0: not used
};

constexpr long dimensionLimit = 0x7fffffff;  // of one dimension: OpenBLAS counts in 32 bits
constexpr long countLimit = 1L << 45;        // of the floats of a region

// a * b, or a number no operand has.
inline long multiplySizes(long a, long b) { return a > countLimit / b ? countLimit + 1 : a * b; }

class Reader {
 public:
  Reader(const Limits& limits, const char* name, long index) : limits(limits), name(name), index(index) {}

  const Limits& limits;
  const char* name;
  long index;
  std::vector<Operand> outs, ins;
  std::vector<double> attributes;
  std::string message;  // empty: no violation so far
  long partialsLength = 0;

  bool failed() const { return !message.empty(); }
  __attribute__((format(printf, 2, 3))) void fail(const char* format, ...);

  // A whole number in [lowest, highest].
  long integer(size_t attribute, const char* what, long lowest, long highest);
  // A size, or -1 for rows.
  long dimension(size_t attribute, const char* what);
  // A size, or -c for c * rows.
  long innerDimension(size_t attribute, const char* what);
  float number(size_t attribute, const char* what);

  void expectAttributes(size_t count);
  void expectOperands(size_t outCount, size_t inCount);
  void expectOperand(const Operand& operand, const char* what, long count, int layout);
  // A matrix of so many lines and columns, -1 being rows.
  void expectMatrix(const Operand& operand, const char* what, long lines, long columns);

  // Bounds of an operand read from four numbers.
  Operand operand(const double* code, bool write);

  // Floats of the program's own memory for partial sums.
  Operand reservePartials(long count);
};

}  // namespace densely
