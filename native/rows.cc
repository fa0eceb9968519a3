// Prediction: any number of rows through a program.
#include "rows.h"

#include <algorithm>
#include <atomic>

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
  std::vector<std::string> messages;

  void work(int member) {
    Program& program = *programs[(size_t)member];
    for (long step = next++; step < steps && !failed.load(std::memory_order_relaxed); step = next++) {
      RunResult result = runAlone(program, {step, step + 1, 0, 1, true}, control);
      if (result.next == step + 1) continue;
      messages[(size_t)member] = std::move(result.message);
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

bool RowsRunner::reserve(const Program& program, size_t count) {
  while (replicas.size() < count) {
    Replica replica;
    std::string message;
    if (!replica.scratch.allocate(program.limits.lengths[scratchRegion])) return false;
    replica.program = Program::decode(code.data(), code.size(), options, message);
    if (!replica.program || !replica.program->reserveWorkspaces(1)) return false;
    replicas.push_back(std::move(replica));
  }
  return true;
}

RunResult RowsRunner::run(Program& program, const RowsRequest& request, RunControl& control, Team& team, int cores) {
  cut(program, request.input.rows);
  Binding& binding = program.binding;
  binding.sources[0] = request.input;
  binding.sinks[0] = request.output;
  binding.batches = batches.data();
  binding.steps = (long)batches.size() / 2;
  binding.order = nullptr;
  for (Replica& replica : replicas) replica.program->copiesHold = replica.program->copiesHold && request.unchanged;
  RunResult result = runSteps(program, request, control, team, cores);
  // The caller's memory is its own again.
  binding.sources[0].rows = 0;
  binding.sinks[0].length = 0;
  binding.steps = 0;
  return result;
}

RunResult RowsRunner::runSteps(Program& program, const RowsRequest& request, RunControl& control, Team& team, int cores) {
  const Binding& binding = program.binding;
  const long steps = binding.steps;
  const int members = (int)std::min<long>(steps, std::min(request.threads > 0 ? request.threads : cores, 256));
  if (members > 1 && team.acquire()) {
    program.copiesHold = program.copiesHold && request.unchanged;
    const int count = team.grow(members);
    std::string message;
    bool ready = count > 1 && program.reserveWorkspaces(1) && reserve(program, (size_t)count - 1);
    Apart apart = {{&program}, request, control, steps, {}, {}, std::vector<std::string>((size_t)count)};
    for (int m = 1; ready && m < count; m++) {
      Replica& replica = replicas[(size_t)m - 1];
      Binding own = binding;
      own.scratch = replica.scratch.data();
      ready = replica.program->bind(std::move(own), message);
      apart.programs.push_back(replica.program.get());
    }
    if (ready) team.run(count, [](void* job, int member) { static_cast<Apart*>(job)->work(member); }, &apart);
    team.release();
    if (ready && !apart.failed) return {steps, {}};
    for (std::string& text : apart.messages)
      if (!text.empty()) return {0, std::move(text)};
    if (ready) return {0, {}};  // interrupted
  }
  return densely::runSteps(program, {0, steps, 0, request.threads, request.unchanged}, control, team, cores);
}

long RowsRunner::ownedBytes() const {
  long bytes = 0;
  for (const Replica& replica : replicas) bytes += replica.program->ownedBytes() + (long)sizeof(float) * replica.scratch.length();
  return bytes;
}

}  // namespace densely
