// Prediction: any number of rows through a program.
#include "rows.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <string>

namespace densely {

namespace {

// Weights of so many floats stay in a core's second-level cache, or in the one that cores share.
constexpr long smallWeights = 1 << 18, sharedWeights = 1 << 21;

// Rows of a step where each thread takes steps of its own: few, so that what is between the layers stays in the cache, but enough that
// reading all weights once a step does not count.
long rowsApart(long weights) { return weights <= smallWeights ? 32 : weights <= sharedWeights ? 128 : 256; }

// Steps for several threads, which take the next one in turn.
struct Apart {
  std::vector<Program*> programs;
  const RowsRequest& request;
  RunControl& control;
  long steps;
  std::atomic<long> next{0};
  std::atomic<bool> failed{false};
  std::atomic<const char*> message{nullptr};

  void work(int member) {
    Program& program = *programs[(size_t)member];
    for (long step = next++; step < steps && !failed.load(std::memory_order_relaxed); step = next++) {
      const RunResult result = runAlone(program, {step, step + 1, 0, 1, true, (long)programs.size()}, control);
      if (result.next == step + 1) continue;
      if (result.message) message = result.message;
      failed = true;
    }
  }
};

}  // namespace

RowsRunner::RowsRunner(std::vector<double> newCode, const ProgramOptions& newOptions)
    : code(std::move(newCode)), options(newOptions), constants(newOptions.constants, newOptions.constants + newOptions.constantsLength) {
  options.constants = constants.data();
}

bool RowsRunner::fits(const Program& program) {
  for (const auto& stage : program.stages)
    for (const Operand& out : stage->outs)
      if (out.region == stateRegion) return false;
  return program.sourceUses.size() == 1 && !program.sourceUses[0].fixed && program.sinkUses.size() == 1 &&
         program.sinkUses[0].rows && program.hyperCount == 0 && program.guard < 0;
}

void RowsRunner::cut(const Program& program, long rows) {
  const long apart = rowsApart(program.limits.lengths[stateRegion]);
  const long most = rows >= 2 * apart ? std::min(apart, program.limits.maxRows) : program.limits.maxRows;
  batches.clear();
  for (long first = 0; first < rows; first += most) {
    batches.push_back((int32_t)first);
    batches.push_back((int32_t)std::min(most, rows - first));
  }
}

// The code has been decoded before: nothing but a lack of memory can keep it from that.
void RowsRunner::reserve(const Program& program, size_t count) {
  while (replicas.size() < count) {
    Replica replica;
    std::string message;
    replica.scratch.allocate(program.limits.lengths[scratchRegion]);
    replica.program = Program::decode(code.data(), code.size(), options, message);
    replica.program->reserveWorkspaces(1);
    replicas.push_back(std::move(replica));
  }
}

RunResult RowsRunner::run(Program& program, const RowsRequest& request, RunControl& control, Team& team, int cores) {
  cut(program, request.input.rows);
  program.reserveWorkspaces(1);
  Binding& binding = program.binding;
  binding.sources[0] = request.input;
  binding.sinks[0] = request.output;
  binding.batches = batches.data();
  binding.steps = (long)batches.size() / 2;
  binding.order = nullptr;
  for (Replica& replica : replicas) replica.program->copiesHold = replica.program->copiesHold && request.unchanged;
  const int wanted = (int)std::min<long>(binding.steps, std::min(request.threads > 0 ? request.threads : cores, 256));
  RunResult result{0};
  if (wanted == 1 || !runApart(program, request, control, team, wanted, result)) {
    result = runSteps(program, {0, binding.steps, 0, request.threads, request.unchanged}, control, team, cores);
  }
  // The caller's memory is its own again.
  binding.sources[0].rows = 0;
  binding.sinks[0].length = 0;
  binding.steps = 0;
  return result;
}

// Steps on each thread; false where there is but one thread, or memory for one, and nothing has run then.
bool RowsRunner::runApart(Program& program, const RowsRequest& request, RunControl& control, Team& team, int wanted, RunResult& result) {
  const TeamLease lease(team);
  const int count = lease.held ? team.grow(wanted) : 1;
  if (count == 1) return false;
  const Binding& binding = program.binding;
  Apart apart = {{}, request, control, binding.steps};
  try {
    reserve(program, (size_t)count - 1);
    apart.programs.push_back(&program);
    for (int m = 1; m < count; m++) {
      Replica& replica = replicas[(size_t)m - 1];
      Binding own = binding;
      std::string message;
      own.scratch = replica.scratch.data();
      if (!replica.program->bind(std::move(own), message)) return false;
      apart.programs.push_back(replica.program.get());
    }
  } catch (const std::bad_alloc&) {
    return false;
  }
  program.copiesHold = program.copiesHold && request.unchanged;
  team.run(count, [](void* job, int member) { static_cast<Apart*>(job)->work(member); }, &apart);
  result = {apart.failed ? 0 : binding.steps, apart.message};  // without a message and not all steps: interrupted
  return true;
}

long RowsRunner::ownedBytes() const {
  long bytes = 0;
  for (const Replica& replica : replicas) bytes += replica.program->ownedBytes() + (long)sizeof(float) * replica.scratch.length();
  return bytes;
}

}  // namespace densely
