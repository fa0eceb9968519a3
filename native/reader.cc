// One encoded instruction, checked as it is read.
#include "reader.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace densely {

static const char* const regionNames[] = {"state", "scratch", "constants", "step", "partials"};
static const char* const layoutNames[] = {"static", "feature-major", "example-major"};

void Reader::fail(const char* format, ...) {
  if (failed()) return;
  char text[300];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  message = "[native] instruction " + std::to_string(index) + " (" + name + "): " + text;
}

static bool isInteger(double value, double lowest, double highest) { return value >= lowest && value <= highest && value == std::floor(value); }

long Reader::integer(size_t attribute, const char* what, long lowest, long highest) {
  if (attribute >= attributes.size()) {
    fail("expected an attribute %zu for %s but there are %zu attributes", attribute, what, attributes.size());
    return lowest;
  }
  const double value = attributes[attribute];
  if (isInteger(value, (double)lowest, (double)highest)) return (long)value;
  fail("expected %s to be a whole number from %ld to %ld but received %g", what, lowest, highest, value);
  return lowest;
}

long Reader::dimension(size_t attribute, const char* what) {
  const long value = integer(attribute, what, -1, dimensionLimit);
  if (value == 0) fail("%s is 0", what);
  return value == 0 ? 1 : value;
}

long Reader::innerDimension(size_t attribute, const char* what) {
  const long value = integer(attribute, what, -dimensionLimit, dimensionLimit);
  if (value == 0) fail("%s is 0", what);
  return value == 0 ? 1 : value;
}

float Reader::number(size_t attribute, const char* what) {
  if (attribute < attributes.size()) return (float)attributes[attribute];
  fail("expected an attribute %zu for %s but there are %zu attributes", attribute, what, attributes.size());
  return 0;
}

void Reader::expectAttributes(size_t count) {
  if (attributes.size() != count) fail("expected %zu attributes but received %zu", count, attributes.size());
}

void Reader::expectOperands(size_t outCount, size_t inCount) {
  if (outs.size() != outCount || ins.size() != inCount) {
    fail("expected %zu outs and %zu ins but received %zu and %zu", outCount, inCount, outs.size(), ins.size());
    outs.resize(outCount);  // harmless operands for what is read before the violation is reported
    ins.resize(inCount);
  }
}

void Reader::expectOperand(const Operand& operand, const char* what, long count, int layout) {
  // A single feature lies the same way in both layouts.
  const bool sameLayout = operand.layout == layout || (count == 1 && operand.layout != staticLayout && layout != staticLayout);
  if (operand.count != count || !sameLayout) {
    fail("expected %s to be %s of count %ld but received %s of count %ld", what, layoutNames[layout], count,
         layoutNames[operand.layout], operand.count);
  }
}

void Reader::expectMatrix(const Operand& operand, const char* what, long lines, long columns) {
  if (columns < 0) expectOperand(operand, what, lines, featureMajor);
  else if (lines < 0) expectOperand(operand, what, columns, exampleMajor);
  else expectOperand(operand, what, multiplySizes(lines, columns), staticLayout);
}

Operand Reader::operand(const double* code, bool write) {
  if (!isInteger(code[0], stateRegion, stepRegion) || !isInteger(code[1], 0, (double)countLimit) || !isInteger(code[2], 1, (double)countLimit) ||
      !isInteger(code[3], staticLayout, exampleMajor)) {
    fail("expected an operand of region, offset, count and layout but received %g, %g, %g, %g", code[0], code[1], code[2], code[3]);
    return {};
  }
  const Operand operand = {(int)code[0], (int)code[3], (long)code[1], (long)code[2]};
  const long width = operand.layout == staticLayout ? 1 : roundUp(limits.maxRows, lanes);
  const long length = limits.lengths[operand.region];
  if (operand.offset > length || operand.count > (length - operand.offset) / width) {
    fail("an operand of %ld x %ld floats at %ld leaves the %s region of %ld", operand.count, width, operand.offset, regionNames[operand.region], length);
  }
  if (write && operand.region != stateRegion && operand.region != scratchRegion) fail("an out lies in the read-only %s region", regionNames[operand.region]);
  if (operand.region == stepRegion && operand.layout != staticLayout) fail("a rows tensor lies in the step region");
  return operand;
}

Operand Reader::reservePartials(long count) {
  if (count > (1L << 28)) {
    fail("too many partial sums: %ld", count);
    return {};
  }
  const Operand operand = {partialsRegion, staticLayout, partialsLength, count};
  partialsLength = roundUp(partialsLength + count, lanes);
  return operand;
}

}  // namespace densely
