// Prediction: any number of rows through a program whose steps keep nothing, cut among threads by rows or within a step.
#pragma once
#include <memory>
#include <vector>

#include "run.h"

namespace densely {

// What is predicted. The memory is the caller's.
struct RowsRequest {
  Source input;
  Sink output;
  int threads;  // wanted; 0: as many as there are cores
  bool unchanged;  // the state is as it was at the end of the last run
};

class RowsRunner {
 public:
  // Code and options of the program, to make it anew for every thread.
  RowsRunner(std::vector<double> code, const ProgramOptions& options);

  // Whether the program can be run so: one source and one sink of rows, no hyper-parameters, no guard, and nothing kept from step to step.
  static bool fits(const Program& program);

  // Runs `program`, which is bound, on all rows of the input. The cut into steps goes by shapes alone, and so do the bits.
  RunResult run(Program& program, const RowsRequest& request, RunControl& control, Team& team, int cores);

  long ownedBytes() const;

 private:
  // A program of its own for a further thread, with memory between its instructions.
  struct Replica {
    std::unique_ptr<Program> program;
    Floats scratch;
  };
  void reserve(const Program& program, size_t count);
  void cut(const Program& program, long rows);
  bool runApart(Program& program, const RowsRequest& request, RunControl& control, Team& team, int wanted, RunResult& result);

  std::vector<double> code;
  ProgramOptions options;
  std::vector<float> constants;
  std::vector<Replica> replicas;
  std::vector<int32_t> batches;
};

}  // namespace densely
