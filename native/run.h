// Runs the steps of a program, on one thread or on a team. All memory of a run is made before its first step: what makes it throws
// std::bad_alloc where it is short, and nothing has been changed then.
#pragma once
#include <atomic>

#include "program.h"
#include "team.h"

namespace densely {

struct RunRequest {
  long begin, end;      // steps of the bound batches
  uint64_t counterBase; // of the draws: a step's counter is this plus its index
  int threads;          // wanted; 0: as many as there are cores
  bool unchanged;       // the state is as it was at the end of this program's last run
  long stride = 1;      // what is likely to run after a step is the step so many further on: its data are fetched ahead
};

// What other threads may see and do of a run.
struct RunControl {
  std::atomic<long> finished{0};
  std::atomic<bool> interrupted{false};
};

struct RunResult {
  long next;                      // the first step not run
  const char* message = nullptr;  // why the run stopped there, where that is an error; the program's, until its next run
};

RunResult runSteps(Program& program, const RunRequest& request, RunControl& control, Team& team, int cores);

// The same on the calling thread alone, for a program that has a workspace and room for the order; makes no memory.
RunResult runAlone(Program& program, const RunRequest& request, RunControl& control);

// Instructions [from, to) of one step on the calling thread, for inspection.
RunResult runInstructions(Program& program, long step, long from, long to, uint64_t counterBase);

}  // namespace densely
