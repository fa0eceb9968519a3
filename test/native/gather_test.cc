// Tests of the gather of minibatches and of transposition against plain loops.
#include "checks.h"
#include "transpose.h"

#include <cmath>
#include <cstring>
#include <vector>

using namespace densely;

namespace {

template <typename T>
void testGather(const char* name) {
  for (const long width : {1l, 2l, 10l, 16l, 33l, 70l})
    for (const long rows : {1l, 4l, 10l, 16l, 21l, 48l})
      for (const bool ordered : {false, true})
        for (const float scale : {1.0f, 1.0f / 255}) {
          const long sourceRows = 100, first = 3, begin = width > 20 ? 5 : 0, end = width > 40 ? width - 3 : width;
          const float shift = scale == 1 ? 0.0f : 0.25f;
          Guarded<T> data(sourceRows * width);
          for (long i = 0; i < sourceRows * width; i++) data[i] = static_cast<T>(uniform() * 100 + 100);
          std::vector<int32_t> order(first + rows);
          for (auto& index : order) index = engine() % sourceRows;
          order.back() = sourceRows - 1;
          const int32_t* indices = ordered ? order.data() : nullptr;
          const long ld = rows + 2, firstRow = ordered ? first : sourceRows - rows, begins = rows / 2 / 16 * 16;
          // Either layout by itself, and both at once: [begins, rows) × [begin, end) of the minibatch.
          for (const int layouts : {1, 2, 3}) {
            Guarded<float> columns(width * ld - 2), lines(rows * width);
            for (long i = 0; i < width * ld - 2; i++) columns[i] = 77;
            for (long i = 0; i < rows * width; i++) lines[i] = 77;
            const bool finite = gather(data.data(), {indices ? indices + first : nullptr, firstRow, width, scale, shift, begins, rows, begin, end,
                                                     layouts & 1 ? columns.data() : nullptr, ld, layouts & 2 ? lines.data() : nullptr});
            bool columnsGood = true, linesGood = true;
            for (long r = 0; r < rows; r++)
              for (long f = 0; f < width; f++) {
                volatile float product = static_cast<float>(data[(ordered ? order[first + r] : firstRow + r) * width + f]) * scale;
                const float want = r >= begins && f >= begin && f < end ? product + shift : 77;
                columnsGood &= columns[f * ld + r] == (layouts & 1 ? want : 77);
                linesGood &= lines[r * width + f] == (layouts & 2 ? want : 77);
              }
            check(columnsGood && finite, "gather %s width=%ld rows=%ld ordered=%d scale=%g layouts=%d: columns", name, width, rows, ordered, scale, layouts);
            check(linesGood, "gather %s width=%ld rows=%ld ordered=%d scale=%g layouts=%d: lines", name, width, rows, ordered, scale, layouts);
          }
        }
}

// A value that is not finite is noticed wherever it lies in the part that is gathered, and nowhere else.
void testGatherFinite() {
  const long width = 37, rows = 21;
  Guarded<float> data(width * rows);
  std::vector<float> columns(width * rows), lines(width * rows);
  for (const float bad : {INFINITY, -INFINITY, NAN})
    for (long i = 0; i < width * rows; i++) {
      for (long j = 0; j < width * rows; j++) data[j] = j == i ? bad : uniform();
      const bool inside = i / width < 20 && i % width >= 3;
      for (const int layouts : {1, 2, 3}) {
        const bool finite = gather(data.data(), {nullptr, 0, width, 1, 0, 0, 20, 3, width, layouts & 1 ? columns.data() : nullptr, rows, layouts & 2 ? lines.data() : nullptr});
        check(finite != inside, "gather notices %g at row %ld, feature %ld, layouts=%d", bad, i / width, i % width, layouts);
      }
    }
}

void testTranspose() {
  const long sizes[] = {1, 2, 5, 8, 16, 19, 33, 64, 100};
  for (const long rows : sizes)
    for (const long cols : sizes) {
      const long ldx = cols + 3, ldy = rows + 5;
      Guarded<float> x(rows * ldx - 3), y(cols * ldy - 5);
      for (long i = 0; i < rows * ldx - 3; i++) x[i] = i % 7 ? uniform() : -0.0f;
      for (long i = 0; i < cols * ldy - 5; i++) y[i] = 77;
      transposeBlock(x.data(), ldx, rows, cols, y.data(), ldy);
      bool good = true;
      for (long c = 0; c < cols; c++)
        for (long r = 0; r < ldy && c * ldy + r < cols * ldy - 5; r++)
          good &= r < rows ? !memcmp(&y[c * ldy + r], &x[r * ldx + c], sizeof(float)) : y[c * ldy + r] == 77;
      check(good, "transposeBlock %ld x %ld", rows, cols);
    }
}

}  // namespace

void testGathering() {
  testGather<float>("float");
  testGather<uint8_t>("uint8");
  testGather<int32_t>("int32");
  testGatherFinite();
  testTranspose();
}
