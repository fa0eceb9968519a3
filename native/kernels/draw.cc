// Uniform random numbers by Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), bit-equal to lib/random/philox.ts.
#define DENSELY_KERNELS "draw.cc"
#include "vector_math.h"

#ifdef DENSELY_ISA
namespace densely::DENSELY_ISA {

// y[4 g + lane] for groups of four from `group` on, 16 groups = 64 numbers: counter (group, c1, c2, c3), key (k0, k1).
static void drawGroups(float* y, uint32_t group, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  uint32_t a[16], b[16], c[16], d[16];
  for (int j = 0; j < 16; j++) {
    a[j] = group + (uint32_t)j;
    b[j] = c1;
    c[j] = c2;
    d[j] = c3;
  }
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < 16; j++) {
      const uint64_t first = (uint64_t)0xd2511f53u * a[j], second = (uint64_t)0xcd9e8d57u * c[j];
      a[j] = (uint32_t)(second >> 32) ^ b[j] ^ k0;
      b[j] = (uint32_t)second;
      c[j] = (uint32_t)(first >> 32) ^ d[j] ^ k1;
      d[j] = (uint32_t)first;
    }
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  for (int j = 0; j < 16; j++) {
    y[4 * j] = (float)(int32_t)(a[j] >> 8) * 0x1p-24f;
    y[4 * j + 1] = (float)(int32_t)(b[j] >> 8) * 0x1p-24f;
    y[4 * j + 2] = (float)(int32_t)(c[j] >> 8) * 0x1p-24f;
    y[4 * j + 3] = (float)(int32_t)(d[j] >> 8) * 0x1p-24f;
  }
}

}  // namespace densely::DENSELY_ISA
#else

#include <algorithm>
#include <cstring>

#include "draw.h"

namespace densely {

namespace {

constexpr long batchFloats = 64;      // made at a time
constexpr long tileElements = 16384;  // a multiple of it

class Draw : public Stage {
 public:
  explicit Draw(Reader& reader) {
    key = (uint32_t)reader.integer(0, "the key", 0, 0xffffffffL);
    seedLow = (uint32_t)reader.integer(1, "the low word of the seed", 0, 0xffffffffL);
    seedHigh = (uint32_t)reader.integer(2, "the high word of the seed", 0, 0xffffffffL);
    reader.expectAttributes(3);
    reader.expectOperands(1, 0);
    if (reader.failed()) return;
    if (reader.outs[0].layout == exampleMajor) reader.fail("expected y to be static or feature-major");
    setOperands(reader.outs, {});
  }

  // A static tensor is one long line.
  void shape(long rows) override {
    isStatic = outs[0].layout == staticLayout;
    lines = isStatic ? 1 : outs[0].count;
    width = isStatic ? outs[0].count : leadingDimension(rows);
    tilesPerLine = divideUp(width, tileElements);
    tileLines = tilesPerLine > 1 ? 1 : std::max(1L, tileElements / width);
    tiles = divideUp(lines, tileLines) * tilesPerLine;
  }

  void run(const StepView& step, const Workspace&, long begin, long end) const override {
    const uint32_t c2 = (uint32_t)step.counter, c3 = key ^ (uint32_t)(step.counter >> 32);
    for (long tile = begin; tile < end; tile++) {
      const long first = tile / tilesPerLine * tileLines, from = tile % tilesPerLine * tileElements, to = std::min(width, from + tileElements);
      for (long line = first; line < std::min(lines, first + tileLines); line++) {
        const uint32_t c1 = isStatic ? 0xffffffffu : (uint32_t)line;
        float* y = out[0] + line * width;
        for (long at = from; at < to; at += batchFloats) {
          float batch[batchFloats];
          const bool whole = to - at >= batchFloats;
          drawGroups(whole ? y + at : batch, (uint32_t)(at >> 2), c1, c2, c3, seedLow, seedHigh);
          if (!whole) std::memcpy(y + at, batch, (size_t)(to - at) * sizeof(float));
        }
      }
    }
  }

  double work(long rows) const override { return 10 * (double)outs[0].count * (double)(outs[0].layout == staticLayout ? 1 : rows); }

 private:
  decltype(&baseline::drawGroups) drawGroups = DENSELY_CHOOSE(drawGroups);
  uint32_t key = 0, seedLow = 0, seedHigh = 0;
  bool isStatic = false;
  long lines = 1, width = 1, tilesPerLine = 1, tileLines = 1;
};

}  // namespace

void makeDraw(Reader& reader, Stages& stages) { stages.push_back(std::make_unique<Draw>(reader)); }

}  // namespace densely

#endif
