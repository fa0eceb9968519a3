// A program, decoded and verified once: stages ready to run, and what a binding must provide. What makes memory throws std::bad_alloc where
// it is short; a program that has been decoded stays usable then.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "reader.h"
#include "stage.h"

namespace densely {

// The instructions by name; an instruction's opcode is its place in the list.
extern const char* const instructionNames[];
extern const int instructionCount;

struct ProgramOptions {
  long maxRows, stateLength, scratchLength, hyperCount, sourceCount, sinkCount;
  long guard;  // number of the sink whose value must stay finite, or -1
  const float* constants;
  long constantsLength;
};

// Zeroed floats on a cache line's boundary.
class Floats {
 public:
  Floats() = default;
  ~Floats();
  Floats(Floats&& other) noexcept;
  Floats& operator=(Floats&& other) noexcept;
  // Throws std::bad_alloc where memory is short, and keeps the old contents then.
  void allocate(long length);
  float* data() const { return memory; }
  long length() const { return size; }

 private:
  float* memory = nullptr;
  long size = 0;
};

// Everything a run reads and writes. The memory is the caller's.
struct Binding {
  float *state = nullptr, *scratch = nullptr;
  std::vector<Source> sources;
  std::vector<Sink> sinks;
  const int32_t* order = nullptr;  // null: position and example are the same
  long orderLength = 0;
  const int32_t* batches = nullptr;  // [first, rows] per step
  long steps = 0;
  const float* hyper = nullptr;  // hyperCount values per step
};

class Program {
 public:
  // Null with a sentence in `message` where the code breaks a rule.
  static std::unique_ptr<Program> decode(const double* code, size_t length, const ProgramOptions& options, std::string& message);

  // Keeps the binding; false with a sentence where it does not fit.
  bool bind(Binding binding, std::string& message);

  // Cuts every stage for steps of `rows` examples.
  void shape(long rows);
  // Makes workspaces for `threads` threads.
  void reserveWorkspaces(int threads);
  // Makes memory for `threads` threads that gather minibatches for themselves.
  void reserveOwn(int threads);
  // Operations of a step of `rows` examples.
  double work(long rows);
  long ownedBytes() const;

  Limits limits;
  long hyperCount = 0, guard = -1;
  Stages stages;
  std::vector<size_t> phases;        // first stage of each phase, then the number of stages; a barrier ends a phase
  std::vector<size_t> instructions;  // first stage of each instruction, then the number of stages
  std::vector<SourceUse> sourceUses;
  std::vector<SinkUse> sinkUses;

  Binding binding;
  bool bound = false;
  // Whether what stages have made of tensors that the program never writes, such as packed weights, is still theirs.
  bool copiesHold = false;
  Floats constants, step, partials;
  std::vector<int32_t> order;  // of the present step, and room for larger ones
  char failure[240];           // why the last run ended, where that was an error
  std::vector<Workspace> workspaces;
  std::vector<Load*> ownLoads;  // whose minibatch each thread can gather for itself
  std::vector<Floats> ownMemory;
  long shapedRows = 0;

 private:
  bool decodeInstruction(Reader& reader, const double* code, size_t length, size_t& at);
  bool checkOverlaps(std::string& message) const;
  void linkLoads();
  void findPhases();
  long partialsLength = 0, tileFloats = 0, blockFloats = 0, ownFloats = 0;
  long workRows = 0;
  double workOfStep = 0;
  std::vector<Floats> workspaceMemory;
};

}  // namespace densely
