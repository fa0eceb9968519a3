// The way into a program: minibatches gathered from data sets, inputs as they are.
#include "load.h"

#include <algorithm>
#include <cstring>

#include "transpose.h"

namespace densely {

namespace {

constexpr long tileElements = 8192, tileFeatures = 1024;

bool gatherFrom(const Source& source, const Gather& part) {
  switch (source.element) {
    case Element::float32: return gather(static_cast<const float*>(source.data), part);
    case Element::uint8: return gather(static_cast<const uint8_t*>(source.data), part);
    default: return gather(static_cast<const int32_t*>(source.data), part);
  }
}

}  // namespace

Load::Load(Reader& reader, std::vector<SourceUse>& uses) {
  source = reader.integer(0, "the source", 0, reader.limits.sourceCount - 1);
  reader.expectAttributes(1);
  reader.expectOperands(reader.outs.size() == 2 ? 2 : 1, 0);
  if (reader.failed()) return;
  const Operand& y = reader.outs[0];
  if (reader.outs.size() == 2) {
    reader.expectOperand(y, "the feature-major out", y.count, featureMajor);
    reader.expectOperand(reader.outs[1], "the example-major out", y.count, exampleMajor);
  }
  SourceUse& use = uses[(size_t)source];
  if (use.width != 0 && use.width != y.count) reader.fail("source %ld is read with %ld and with %ld numbers", source, use.width, y.count);
  use.width = y.count;
  (y.layout == staticLayout ? use.fixed : use.rows) = true;
  setOperands(reader.outs, {});
}

void Load::shape(long newRows) {
  rows = outs[0].layout == staticLayout ? 1 : newRows;
  // Whole rows as far as they are not long, for that is how the data set lies in memory.
  const long width = outs[0].count;
  blockFeatures = roundUp(divideUp(width, divideUp(width, tileFeatures)), lanes);
  featureBlocks = divideUp(width, blockFeatures);
  tileRows = std::max(lanes, roundUp(tileElements / blockFeatures, lanes));
  tiles = divideUp(rows, tileRows) * featureBlocks;
}

void Load::run(const StepView& step, const Workspace&, long begin, long end) const { gatherTiles(step, out.data(), begin, end); }

void Load::gatherOwn(const StepView& step, float* own) const {
  float* const to[2] = {own + places[0], own + places[1]};
  gatherTiles(step, to, 0, tiles);
}

void Load::gatherTiles(const StepView& step, float* const* to, long begin, long end) const {
  const Source& from = step.sources[source];
  const long width = outs[0].count;
  const bool fixed = outs[0].layout == staticLayout;
  Gather part = {fixed ? nullptr : step.order, fixed ? 0 : step.first, width, from.scale, from.shift, 0, 0, 0, 0, nullptr, leadingDimension(rows), nullptr};
  // A single example is packed whatever the layout: what both layouts need is gathered once and copied.
  float* copy = nullptr;
  for (size_t i = 0; i < outs.size(); i++) {
    if (!step.complete && !makes(i, step.sources, rows)) continue;
    if (outs[i].layout == featureMajor && rows > 1) part.columns = to[i];
    else (part.lines ? copy : part.lines) = to[i];
  }
  if (!part.columns && !part.lines) return;
  for (long tile = begin; tile < end; tile++) {
    part.rowBegin = tile / featureBlocks * tileRows;
    part.rowEnd = std::min(rows, part.rowBegin + tileRows);
    part.featureBegin = tile % featureBlocks * blockFeatures;
    part.featureEnd = std::min(width, part.featureBegin + blockFeatures);
    if (!gatherFrom(from, part) && from.checked) step.badSource->store(true, std::memory_order_relaxed);
    if (copy) std::memcpy(copy + part.featureBegin, part.lines + part.featureBegin, (size_t)(part.featureEnd - part.featureBegin) * sizeof(float));
  }
}

bool Load::makes(size_t i, const Source* sources, long rowCount) const {
  for (const Stage* reader : readersOf[i])
    if (!reader->readsRows(sources[source], rowCount)) return true;
  return readersOf[i].empty();
}

bool Load::makesAnything(const Source* sources, long rowCount) const {
  for (size_t i = 0; i < outs.size(); i++)
    if (makes(i, sources, rowCount)) return true;
  return false;
}

double Load::work(long count) const { return 4 * (double)outs[0].count * (double)(outs[0].layout == staticLayout ? 1 : count); }

void Load::link(const std::vector<std::pair<Stage*, size_t>> (&readers)[2], long maxRows, long* at) {
  if (outs[0].layout == staticLayout) return;
  for (const auto& list : readers)
    for (const auto& [stage, in] : list)
      if (!stage->takesGathered(in)) return;
  for (size_t i = 0; i < outs.size(); i++) {
    places[i] = at ? *at : -1;
    if (at) *at += outs[i].count * roundUp(maxRows, lanes);
    for (const auto& [stage, in] : readers[i]) {
      stage->takeGathered(in, (int)source, places[i]);
      readersOf[i].push_back(stage);
    }
  }
  isOwn = at != nullptr;
}

void makeLoad(Reader& reader, Stages& stages, std::vector<SourceUse>& sources) { stages.push_back(std::make_unique<Load>(reader, sources)); }

}  // namespace densely
