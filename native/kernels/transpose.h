// Transposition of a block of floats, and the gather of a minibatch from a data set in one layout or both.
#pragma once
#include <cstdint>

namespace densely {

// y[c*ldy + r] = x[r*ldx + c]
void transposeBlock(const float* x, long ldx, long rows, long cols, float* y, long ldy);

// A part of a minibatch to be gathered from a data set of `width` numbers a row: rows and features in half-open ranges.
struct Gather {
  const int32_t* order;  // example r is row order[r]; null: row first + r
  long first, width;
  float scale, shift;  // a value is raw * scale + shift
  long rowBegin, rowEnd, featureBegin, featureEnd;
  float* columns;  // feature-major: columns[f*ld + r]; or null
  long ld;
  float* lines;  // example-major: lines[r*width + f]; or null
};

// Reads every raw value once, whichever layouts are asked for. False where one of them is a float that is not finite.
bool gather(const float* data, const Gather& part);
bool gather(const uint8_t* data, const Gather& part);
bool gather(const int32_t* data, const Gather& part);

}  // namespace densely
