// Parts of tensors side by side: slices, padding and concatenation along one dimension.
#include "join.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace densely {

namespace {

constexpr long tileElements = 16384;
constexpr size_t partAttributes = 4;

// y[o, at + p, i] = x[o, begin + p, i] for begin + p < end, of each in; zeros where no part lies.
class Join : public Stage {
 public:
  explicit Join(Reader& reader) {
    outer = reader.integer(0, "outer", 1, dimensionLimit);
    inner = reader.innerDimension(1, "inner");
    size = reader.integer(2, "the size", 1, dimensionLimit);
    const size_t count = reader.ins.size();
    if (count == 0) reader.fail("expected one or more ins");
    reader.expectAttributes(3 + partAttributes * count);
    reader.expectOperands(1, count);
    const int layout = inner < 0 ? featureMajor : staticLayout;
    const auto countOf = [&](long middle) { return multiplySizes(multiplySizes(outer, middle), std::labs(inner)); };
    long filled = 0;
    for (size_t i = 0; i < count && !reader.failed(); i++) {
      const size_t first = 3 + partAttributes * i;
      Part part;
      part.size = reader.integer(first, "the size of a part's tensor", 1, dimensionLimit);
      part.begin = reader.integer(first + 1, "the begin of a part", 0, part.size - 1);
      const long end = reader.integer(first + 2, "the end of a part", part.begin + 1, part.size);
      part.length = end - part.begin;
      part.at = reader.integer(first + 3, "the place of a part", filled, size);
      filled = part.at + part.length;
      if (filled > size) reader.fail("a part of %ld at %ld leaves the size of %ld", part.length, part.at, size);
      if (!reader.failed()) reader.expectOperand(reader.ins[i], "a part's tensor", countOf(part.size), layout);
      parts.push_back(part);
    }
    if (reader.failed()) return;
    reader.expectOperand(reader.outs[0], "y", countOf(size), layout);
    setOperands(reader.outs, reader.ins);
  }

  // Tiles are ranges of lines, each of `width` floats, of which y has outer x size.
  void shape(long rows) override {
    width = inner < 0 ? -inner * leadingDimension(rows) : inner;
    tileLines = std::max(1L, tileElements / width);
    tiles = divideUp(outer * size, tileLines);
  }

  void run(const StepView&, const Workspace&, long begin, long end) const override {
    const long first = begin * tileLines, last = std::min(outer * size, end * tileLines);
    for (long line = first; line < last;) {
      const long o = line / size, stop = std::min(last, (o + 1) * size);
      runBlock(o, line - o * size, stop - o * size);
      line = stop;
    }
  }

  double work(long rows) const override { return 2 * (double)outer * (double)size * (double)(inner < 0 ? -inner * rows : inner); }

 private:
  struct Part { long size, begin, length, at; };

  // Lines [first, last) of y[o].
  void runBlock(long o, long first, long last) const {
    float* y = out[0] + o * size * width;
    long line = first;
    for (size_t i = 0; i < parts.size() && line < last; i++) {
      const Part& part = parts[i];
      if (part.at + part.length <= line) continue;
      const long from = std::min(last, std::max(line, part.at)), to = std::min(last, part.at + part.length);
      clear(y, line, from);
      if (from < to) std::memcpy(y + from * width, in[i] + (o * part.size + part.begin + from - part.at) * width, (size_t)((to - from) * width) * sizeof(float));
      line = to;
    }
    clear(y, line, last);
  }

  void clear(float* y, long first, long last) const {
    if (first < last) std::memset(y + first * width, 0, (size_t)((last - first) * width) * sizeof(float));
  }

  long outer = 1, inner = 1, size = 1;  // inner is negative for rows
  long width = 1, tileLines = 1;
  std::vector<Part> parts;
};

}  // namespace

void makeJoin(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Join>(reader)); }

}  // namespace densely
