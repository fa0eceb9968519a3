// Transposition of a block of floats, and the gather of a minibatch from a data set in either layout.
#pragma once
#include <cstdint>

namespace densely {

// y[c*ldy + r] = x[r*ldx + c]
void transposeBlock(const float* x, long ldx, long rows, long cols, float* y, long ldy);

// Example r of the minibatch is row (order ? order[first + r] : first + r) of data[., width]; a value is raw * scale + shift.

// Feature-major: y[f*ldy + r] for r < rows and featureBegin <= f < featureEnd; y points to feature 0.
void gatherTranspose(const float* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy);
void gatherTranspose(const uint8_t* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy);
void gatherTranspose(const int32_t* data, long width, const int32_t* order, long first, long rows, float scale, float shift,
                     long featureBegin, long featureEnd, float* y, long ldy);

// Example-major: y[r*width + f] for rowBegin <= r < rowEnd; y points to example 0.
void gatherRows(const float* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y);
void gatherRows(const uint8_t* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y);
void gatherRows(const int32_t* data, long width, const int32_t* order, long first, long rowBegin, long rowEnd, float scale, float shift, float* y);

}  // namespace densely
