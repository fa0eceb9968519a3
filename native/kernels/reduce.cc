// Sums and maxima over the middle of a tensor [outer, middle, inner].
#define DENSELY_KERNELS "reduce.cc"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

// totals[i] += x[m * stride + i] for m < middle, i < n <= 256. In double, so that the error does not grow with middle.
static void addLines(double* totals, const float* x, long middle, long stride, long n) {
  for (long m = 0; m < middle; m++)
    for (long i = 0; i < n; i++) totals[i] += (double)x[m * stride + i];
}

// largest[i] = max(largest[i], x[m * stride + i]), NaN where any is NaN.
static void maximumLines(float* largest, const float* x, long middle, long stride, long n) {
  for (long m = 0; m < middle; m++) {
    for (long i = 0; i < n; i++) {
      const float value = x[m * stride + i];
      largest[i] = value > largest[i] || value != value ? value : largest[i];
    }
  }
}

// The largest of n > 0 values, NaN where any is NaN.
static float largestOf(const float* x, long n) {
  float largest[DENSELY_LANES];
  for (long j = 0; j < DENSELY_LANES; j++) largest[j] = x[j < n ? j : 0];
  maximumLines(largest, x, n / DENSELY_LANES, DENSELY_LANES, DENSELY_LANES);
  maximumLines(largest, x + n / DENSELY_LANES * DENSELY_LANES, 1, 0, n % DENSELY_LANES);
  maximumLines(largest, largest, DENSELY_LANES, 1, 1);
  return largest[0];
}

}  // namespace densely::DENSELY_ISA
#else

#include <algorithm>

#include "elementwise.h"
#include "reduce.h"

namespace densely {

double sumOfMany(const float* x, long n) {
  constexpr long piece = 1024;
  double total = 0;
  for (long at = 0; at < n; at += piece) total += (double)sumOf(x + at, std::min(piece, n - at));
  return total;
}

float maximumOf(const float* x, long n) { return DENSELY_CHOOSE(largestOf)(x, n); }

Combine::Combine(bool sums, const Operand& out, const Operand& partials, const long* blocks) : sums(sums), blocks(blocks) {
  setOperands({out}, {partials});
}

void Combine::shape(long rows) { lines = outs[0].layout == staticLayout ? outs[0].count : rows; }

void Combine::run(const StepView&, const Workspace&, long, long) const {
  for (long line = 0; line < lines; line++) {
    const float* partials = in[0] + line * *blocks;
    double total = 0;
    for (long i = 0; i < *blocks; i++) total += (double)partials[i];
    out[0][line] = sums ? (float)total : maximumOf(partials, *blocks);
  }
}

namespace {

constexpr long tileElements = 16384;  // of a tile; a longer line is reduced in several
constexpr long tileLanes = 256;       // reduced side by side

class Reduce : public Stage {
 public:
  Reduce(Reader& reader, Stages& combines) {
    sums = reader.integer(0, "the kind of reduction", 0, 1) == 0;
    outer = reader.dimension(1, "outer");
    middle = reader.dimension(2, "middle");
    inner = reader.innerDimension(3, "inner");
    reader.expectAttributes(4);
    reader.expectOperands(1, 1);
    if ((outer < 0) + (middle < 0) + (inner < 0) > 1) reader.fail("more than one of outer, middle and inner is rows");
    if (middle < 0 && inner != 1) reader.fail("rows is the middle and inner is %ld", inner);
    if (reader.failed()) return;
    const Operand &x = reader.ins[0], &y = reader.outs[0];
    if (outer < 0) {
      reader.expectOperand(x, "x", multiplySizes(middle, inner), exampleMajor);
      reader.expectOperand(y, "y", inner, exampleMajor);
    } else if (middle < 0) {
      reader.expectOperand(x, "x", outer, featureMajor);
      reader.expectOperand(y, "y", outer, staticLayout);
    } else {
      const int layout = inner < 0 ? featureMajor : staticLayout;
      reader.expectOperand(x, "x", multiplySizes(multiplySizes(outer, middle), std::abs(inner)), layout);
      reader.expectOperand(y, "y", multiplySizes(outer, std::abs(inner)), layout);
    }
    if (reader.failed()) return;
    setOperands(reader.outs, reader.ins);
    const long longest = middle < 0 ? reader.limits.maxRows : middle;
    cutsLines = inner == 1 && longest > tileElements;
    if (!cutsLines) return;
    const Operand partials = reader.reservePartials(multiplySizes(outer < 0 ? reader.limits.maxRows : outer, divideUp(longest, tileElements)));
    combines.push_back(std::make_unique<Combine>(sums, outs[0], partials, &blocks));
    outs[0] = partials;
  }

  void shape(long rows) override {
    const long ld = leadingDimension(rows);
    lines = outer < 0 ? rows : outer;
    length = middle < 0 ? rows : middle;
    lineStride = middle < 0 ? ld : middle;
    width = inner < 0 ? -inner * ld : inner;
    blocks = width > 1 ? divideUp(width, tileLanes) : cutsLines ? divideUp(length, tileElements) : 1;
    tileLines = blocks == 1 ? std::max(1L, tileElements / multiplySizes(length, width)) : 1;
    tiles = divideUp(lines, tileLines) * blocks;
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    for (long tile = begin; tile < end; tile++) {
      const long block = tile % blocks, first = tile / blocks * tileLines, last = std::min(lines, first + tileLines);
      for (long line = first; line < last; line++) {
        if (width > 1) {
          const long lane = block * tileLanes, n = std::min(tileLanes, width - lane);
          reduceLanes(in[0] + line * length * width + lane, n, out[0] + line * width + lane);
        } else {
          const long at = block * tileElements, n = cutsLines ? std::min(tileElements, length - at) : length;
          const float* x = in[0] + line * lineStride + at;
          out[0][line * blocks + block] = sums ? (float)sumOfMany(x, n) : maximumOf(x, n);
        }
      }
    }
  }

  double work(long rows) const override {
    return 4 * (double)(outer < 0 ? rows : outer) * (double)(middle < 0 ? rows : middle) * (double)(inner < 0 ? -inner * rows : inner);
  }

 private:
  // y[i] over x[m, i] with lines `width` apart.
  void reduceLanes(const float* x, long n, float* y) const {
    if (sums) {
      double totals[tileLanes] = {};
      addLines(totals, x, length, width, n);
      for (long i = 0; i < n; i++) y[i] = (float)totals[i];
    } else {
      std::copy(x, x + n, y);
      maximumLines(y, x + width, length - 1, width, n);
    }
  }

  decltype(&baseline::addLines) addLines = DENSELY_CHOOSE(addLines);
  decltype(&baseline::maximumLines) maximumLines = DENSELY_CHOOSE(maximumLines);
  bool sums = true, cutsLines = false;
  long outer = 1, middle = 1, inner = 1;  // negative: rows

  // The present shape: `lines` lines of `length` values, or of `length` × `width` where lanes are reduced side by side.
  long lines = 1, length = 1, lineStride = 1, width = 1, tileLines = 1, blocks = 1;
};

}  // namespace

void makeReduce(Reader& reader, Stages& stages) {
  Stages combines;
  stages.push_back(std::make_unique<Reduce>(reader, combines));
  for (auto& combine : combines) stages.push_back(std::move(combine));
}

}  // namespace densely

#endif
