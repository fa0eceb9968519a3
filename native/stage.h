// What instructions become: stages of work on operands in memory, cut into tiles by shape alone.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace densely {

// Memory regions by number; the partial sums of reductions are the program's own.
enum Region : int { stateRegion, scratchRegion, constantsRegion, stepRegion, partialsRegion, regionCount };

// How a tensor lies in memory: packed [count], feature-major [count, ld], example-major [rows, count].
enum Layout : int { staticLayout, featureMajor, exampleMajor };

struct Operand {
  int region;
  int layout;
  long offset;  // in floats
  long count;   // in all (static) or per example
};

constexpr long lanes = 16;  // rows tensors are reserved in multiples of it

inline long roundUp(long value, long multiple) { return (value + multiple - 1) / multiple * multiple; }
inline long divideUp(long value, long divisor) { return (value + divisor - 1) / divisor; }
// Distance between the lines of a feature-major tensor. A single example is packed.
inline long leadingDimension(long rows) { return rows == 1 ? 1 : roundUp(rows, lanes); }

enum class Element : int { float32, uint8, int32 };

// A data set or an input: `rows` examples of `width` numbers; a value is raw * scale + shift.
struct Source {
  const void* data;
  Element element;
  long width, rows;
  float scale, shift;
  bool checked;  // a raw value that is not finite ends the run before anything is made of it

  long bytesPerRow() const { return width * (element == Element::uint8 ? 1 : 4); }
  // So few bytes stay in the caches by themselves.
  bool staysCached() const { return (double)rows * (double)bytesPerRow() <= 1 << 16; }
};

// Where results go: `length` floats.
struct Sink {
  float* data;
  long length;
};

// What the stages see of the step that runs.
struct StepView {
  long rows, first, index;
  uint64_t counter;
  const Source* sources;
  const Sink* sinks;
  // Examples of this step: row r is example order[r], or example `first + r` where there is no order.
  const int32_t* order;
  std::atomic<bool>* badSource;  // set where a checked source is not finite
  bool complete;                 // everything is made, even what this step does not need, for somebody looks at it
};

// Memory of one thread.
struct Workspace {
  float* tile;    // a product's tile
  float* blocks;  // registers of a chain, lines of other kernels
  float* own;     // the thread's own minibatch, where every thread gathers it for itself; null where they share one
};

class Load;

class Stage {
 public:
  virtual ~Stage() = default;
  // Cuts the stage into tiles for steps of `rows` examples.
  virtual void shape(long rows) = 0;
  // Does tiles [begin, end). Any thread may do any tile.
  virtual void run(const StepView& step, const Workspace& workspace, long begin, long end) const = 0;
  // Operations of a step of `rows` examples, to choose the number of threads.
  virtual double work(long rows) const = 0;
  virtual Load* asLoad() { return nullptr; }
  // Whether in `in` may be what a load makes of a source: in the thread's own memory at `place` (-1: not there), or not made at all where rows
  // are read in the source itself.
  virtual bool takesGathered(size_t) const { return false; }
  virtual void takeGathered(size_t, int, long) {}
  // Whether the examples of a gathered in are read in the source itself, in steps of so many.
  virtual bool readsRows(const Source&, long) const { return false; }
  // Whether a tile takes long enough to fetch data for the next step meanwhile.
  virtual bool heavy() const { return false; }
  // Whether out `out` may be the very memory of in `in`.
  virtual bool mayShare(size_t, size_t) const { return false; }

  // Resolves operands to addresses.
  void bind(float* const* regions) {
    for (size_t i = 0; i < outs.size(); i++) out[i] = regions[outs[i].region] + outs[i].offset;
    for (size_t i = 0; i < ins.size(); i++) in[i] = regions[ins[i].region] + ins[i].offset;
  }

  long tiles = 1;
  std::vector<Operand> outs, ins;
  int sink = -1;
  long tileFloats = 0, blockFloats = 0;  // needed of the workspace

 protected:
  void setOperands(std::vector<Operand> newOuts, std::vector<Operand> newIns) {
    outs = std::move(newOuts);
    ins = std::move(newIns);
    out.assign(outs.size(), nullptr);
    in.assign(ins.size(), nullptr);
  }
  std::vector<float*> out;
  std::vector<const float*> in;
};

using Stages = std::vector<std::unique_ptr<Stage>>;

}  // namespace densely
