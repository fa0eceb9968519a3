// Repetition along a dimension, and the exchange of two neighbouring dimensions.
#include "shape.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "elementwise.h"
#include "transpose.h"

namespace densely {

namespace {

constexpr long tileElements = 16384;

// y[o, m, i] = x[o, i]
class Expand : public Stage {
 public:
  explicit Expand(Reader& reader) {
    outer = reader.dimension(0, "outer");
    middle = reader.dimension(1, "middle");
    inner = reader.innerDimension(2, "inner");
    reader.expectAttributes(3);
    reader.expectOperands(1, 1);
    if ((outer < 0) + (middle < 0) + (inner < 0) > 1) reader.fail("more than one of outer, middle and inner is rows");
    if (middle < 0 && inner != 1) reader.fail("rows is the middle and inner is %ld", inner);
    if (reader.failed()) return;
    const Operand &x = reader.ins[0], &y = reader.outs[0];
    if (outer < 0) {
      reader.expectOperand(x, "x", inner, exampleMajor);
      reader.expectOperand(y, "y", multiplySizes(middle, inner), exampleMajor);
    } else if (middle < 0) {
      reader.expectOperand(x, "x", outer, staticLayout);
      reader.expectOperand(y, "y", outer, featureMajor);
    } else {
      const int layout = inner < 0 ? featureMajor : staticLayout;
      reader.expectOperand(x, "x", multiplySizes(outer, std::labs(inner)), layout);
      reader.expectOperand(y, "y", multiplySizes(multiplySizes(outer, middle), std::labs(inner)), layout);
    }
    setOperands(reader.outs, reader.ins);
  }

  void shape(long rows) override {
    const long ld = leadingDimension(rows);
    lines = outer < 0 ? rows : outer;
    copies = middle < 0 ? ld : middle;
    width = inner < 0 ? -inner * ld : inner;
    tileLines = std::max(1L, tileElements / multiplySizes(copies, width));
    tiles = divideUp(lines, tileLines);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    for (long line = begin * tileLines; line < std::min(lines, end * tileLines); line++) {
      const float* x = in[0] + line * width;
      float* y = out[0] + line * copies * width;
      if (width == 1) splat(y, *x, copies);
      else for (long m = 0; m < copies; m++) std::memcpy(y + m * width, x, (size_t)width * sizeof(float));
    }
  }

  double work(long rows) const override {
    return 2 * (double)(outer < 0 ? rows : outer) * (double)(middle < 0 ? rows : middle) * (double)(inner < 0 ? -inner * rows : inner);
  }

 private:
  long outer = 1, middle = 1, inner = 1;  // negative: rows
  long lines = 1, copies = 1, width = 1, tileLines = 1;
};

// y[o, b, a, i] = x[o, a, b, i]; with rows as a or b, between feature-major and example-major.
class Transpose : public Stage {
 public:
  explicit Transpose(Reader& reader) {
    outer = reader.integer(0, "outer", 1, dimensionLimit);
    first = reader.dimension(1, "a");
    second = reader.dimension(2, "b");
    inner = reader.innerDimension(3, "inner");
    reader.expectAttributes(4);
    reader.expectOperands(1, 1);
    if ((first < 0) + (second < 0) + (inner < 0) > 1) reader.fail("more than one of a, b and inner is rows");
    if ((first < 0 || second < 0) && (outer != 1 || inner != 1)) reader.fail("rows is exchanged and outer x inner is %ld x %ld", outer, inner);
    if (reader.failed()) return;
    const Operand &x = reader.ins[0], &y = reader.outs[0];
    if (second < 0) {
      reader.expectOperand(x, "x", first, featureMajor);
      reader.expectOperand(y, "y", first, exampleMajor);
    } else if (first < 0) {
      reader.expectOperand(x, "x", second, exampleMajor);
      reader.expectOperand(y, "y", second, featureMajor);
    } else {
      const long count = multiplySizes(multiplySizes(outer, first), multiplySizes(second, std::labs(inner)));
      reader.expectOperand(x, "x", count, inner < 0 ? featureMajor : staticLayout);
      reader.expectOperand(y, "y", count, inner < 0 ? featureMajor : staticLayout);
    }
    setOperands(reader.outs, reader.ins);
  }

  void shape(long rows) override {
    const long ld = leadingDimension(rows);
    a = first < 0 ? rows : first;
    b = second < 0 ? rows : second;
    strideX = second < 0 ? ld : b;
    strideY = first < 0 ? ld : a;
    width = inner < 0 ? -inner * ld : inner;
    // Tiles are ranges of b, whose lines of y lie together.
    tileB = std::min(b, std::max(lanes, roundUp(tileElements / multiplySizes(a, width), lanes)));
    tiles = outer * divideUp(b, tileB);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    const long tilesOfB = divideUp(b, tileB);
    for (long tile = begin; tile < end; tile++) {
      const long o = tile / tilesOfB, firstB = tile % tilesOfB * tileB, lastB = std::min(b, firstB + tileB);
      const float* x = in[0] + o * a * strideX * width;
      float* y = out[0] + o * b * strideY * width;
      if (width == 1) {
        transposeBlock(x + firstB, strideX, a, lastB - firstB, y + firstB * strideY, strideY);
        continue;
      }
      for (long j = firstB; j < lastB; j++)
        for (long i = 0; i < a; i++) std::memcpy(y + (j * a + i) * width, x + (i * b + j) * width, (size_t)width * sizeof(float));
    }
  }

  double work(long rows) const override {
    return 4 * (double)outer * (double)(first < 0 ? rows : first) * (double)(second < 0 ? rows : second) * (double)(inner < 0 ? -inner * rows : inner);
  }

 private:
  long outer = 1, first = 1, second = 1, inner = 1;  // negative: rows
  long a = 1, b = 1, strideX = 1, strideY = 1, width = 1, tileB = 1;
};

}  // namespace

void makeExpand(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Expand>(reader)); }
void makeTranspose(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Transpose>(reader)); }

}  // namespace densely
