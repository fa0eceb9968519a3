// Runs the steps of a program, on one thread or on a team.
#pragma once
#include <atomic>
#include <string>

#include "program.h"
#include "team.h"

namespace densely {

struct RunRequest {
  long begin, end;      // steps of the bound batches
  uint64_t counterBase; // of the draws: a step's counter is this plus its index
  int threads;          // wanted; 0: as many as there are cores
  bool unchanged;       // the state is as it was at the end of this program's last run
};

// What other threads may see and do of a run.
struct RunControl {
  std::atomic<long> finished{0};
  std::atomic<bool> interrupted{false};
};

struct RunResult {
  long next;            // the first step not run
  std::string message;  // why the run stopped there, where that is an error
};

RunResult runSteps(Program& program, const RunRequest& request, RunControl& control, Team& team, int cores);

// The same on the calling thread alone, whose program has a workspace.
RunResult runAlone(Program& program, const RunRequest& request, RunControl& control);

// Instructions [from, to) of one step on the calling thread, for inspection.
RunResult runInstructions(Program& program, long step, long from, long to, uint64_t counterBase);

}  // namespace densely
