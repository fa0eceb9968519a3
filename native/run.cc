// Runs the steps of a program: the same tiles on any number of threads.
#include "run.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>

#include "kernels/load.h"
#include "share.h"

namespace densely {

namespace {

// Below this many operations handing work over costs more than a second thread gains.
constexpr double smallestSharedWork = 4e6;
// The same where helpers are awake already, or are likely to be needed again before they fall asleep.
constexpr double smallestAwakeWork = 5e5;

// Bytes of an example that are fetched ahead: more would crowd out what the step at hand works on.
constexpr long longestFetch = 16384;

class Run {
 public:
  Run(Program& program, const RunRequest& request, RunControl& control) : program(program), request(request), control(control), next(request.begin) {
    for (size_t s = 0; s < program.sourceUses.size(); s++) looksAhead = looksAhead || (program.sourceUses[s].rows && !program.binding.sources[s].staysCached());
  }

  RunResult alone() {
    Workspace& workspace = program.workspaces[0];
    workspace.own = nullptr;
    while (prepareStep()) {
      for (size_t s = 0; s < program.stages.size() && !badSource.load(std::memory_order_relaxed); s++) {
        const Stage& stage = *program.stages[s];
        if (ahead.rows == 0 || !stage.heavy()) stage.run(view, workspace, 0, stage.tiles);
        else
          for (long tile = 0; tile < stage.tiles; tile++) {
            fetchAhead(0);
            stage.run(view, workspace, tile, tile + 1);
          }
      }
      if (badSource.load(std::memory_order_relaxed)) break;
      finishStep();
    }
    return result();
  }

  // Makes what `count` members need.
  void reserve(const Team& team, int count) {
    program.reserveWorkspaces(count);
    members = count;
    spin = team.spins(count);
    const long rows = program.binding.batches[2 * next + 1];
    for (const Load* load : program.ownLoads) {
      gathersOwn = gathersOwn || load->makesLines(program.binding.sources.data(), rows) || load->outs[0].count * leadingDimension(rows) <= smallMinibatch;
    }
    gathersOwn = gathersOwn && members <= mostGatherers;
    if (gathersOwn) program.reserveOwn(members);
    for (int m = 0; m < members; m++) program.workspaces[(size_t)m].own = gathersOwn ? program.ownMemory[(size_t)m].data() : nullptr;
    otherGatherers = std::vector<Gatherer>((size_t)members - 1);
    shares = std::vector<Share>(program.stages.size() * (size_t)members);
    spans = std::vector<Span>(program.phases.size());
  }

  // After `reserve`.
  RunResult together(Team& team) {
    if (prepareStep()) {
      divide();
      openSpan(0, epoch.value());
      team.run(members, [](void* job, int member) { static_cast<Run*>(job)->walk(member); }, this);
    }
    return result();
  }

  RunResult inspect(long from, long to) {
    program.workspaces[0].own = nullptr;
    if (prepareStep()) {
      view.complete = true;
      for (size_t s = program.instructions[(size_t)from]; s < program.instructions[(size_t)to]; s++) {
        program.stages[s]->run(view, program.workspaces[0], 0, program.stages[s]->tiles);
      }
    }
    return result();
  }

 private:
  RunResult result() {
    if (badSource) fail("a source holds a value that is not finite");
    return {next, failed ? program.failure : nullptr};
  }

  // Always false.
  __attribute__((format(printf, 2, 3))) bool fail(const char* format, ...) {
    const int start = std::snprintf(program.failure, sizeof program.failure, "[native] step %ld: ", next);
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(program.failure + start, sizeof program.failure - (size_t)start, format, arguments);
    va_end(arguments);
    failed = true;
    return false;
  }

  // Makes `next` the step that runs; false where the run ends before it.
  bool prepareStep() {
    if (stopped || next >= request.end || control.interrupted.load(std::memory_order_relaxed)) return false;
    const Binding& binding = program.binding;
    const long first = binding.batches[2 * next], rows = binding.batches[2 * next + 1];
    if (first < 0 || rows < 1 || rows > program.limits.maxRows) {
      return fail("expected a batch of 1 to %ld rows but received %ld from %ld", program.limits.maxRows, rows, first);
    }
    long lastExample = first + rows - 1;
    if (binding.order) {
      if (first + rows > binding.orderLength) return fail("the order has %ld positions but the batch ends at %ld", binding.orderLength, first + rows);
      if (rows > (long)program.order.size()) return fail("the batch has grown to %ld rows during the run", rows);
      // A copy, so that what is checked is what is used.
      std::memcpy(program.order.data(), binding.order + first, (size_t)rows * sizeof(int32_t));
      uint32_t largest = 0;
      for (long r = 0; r < rows; r++) largest = std::max(largest, (uint32_t)program.order[(size_t)r]);
      if (largest > INT32_MAX) return fail("the order has a negative example");
      lastExample = largest;
    }
    for (size_t i = 0; i < program.sourceUses.size(); i++) {
      if (program.sourceUses[i].rows && lastExample >= binding.sources[i].rows) {
        return fail("source %zu has %ld rows but row %ld is asked for", i, binding.sources[i].rows, lastExample);
      }
    }
    for (size_t i = 0; i < program.sinkUses.size(); i++) {
      const SinkUse& use = program.sinkUses[i];
      const long needed = std::max(use.rows ? multiplySizes(first + rows, use.count) : 0, use.fixed ? multiplySizes(next + 1, use.count) : 0);
      if (needed > binding.sinks[i].length) {
        return fail("sink %zu holds %ld numbers but %ld are written", i, binding.sinks[i].length, needed);
      }
    }
    reshaped = rows != program.shapedRows;
    program.shape(rows);
    float* step = program.step.data();
    step[0] = (float)rows;
    step[1] = 1.0f / (float)rows;
    if (program.hyperCount > 0) std::memcpy(step + 2, binding.hyper + next * program.hyperCount, (size_t)program.hyperCount * sizeof(float));
    view = {rows, first, next, request.counterBase + (uint64_t)next, binding.sources.data(), binding.sinks.data(), binding.order ? program.order.data() : nullptr, &badSource, false};
    lookAhead();
    return true;
  }

  // Examples of the next step are fetched into the caches while products of this one keep the core busy: rows of a shuffled data set
  // lie anywhere, and no hardware foresees them.
  void lookAhead() {
    ahead.rows = 0;
    if (!looksAhead) return;
    const Binding& binding = program.binding;
    const long after = next + request.stride;
    if (after >= binding.steps) return;
    const long first = binding.batches[2 * after], rows = binding.batches[2 * after + 1];
    if (first < 0 || rows < 1 || rows > program.limits.maxRows || (binding.order && first + rows > binding.orderLength)) return;
    long heavyTiles = 0;
    for (const auto& stage : program.stages)
      if (stage->heavy()) heavyTiles += stage->tiles;
    ahead = {first, rows, divideUp(gathersOwn ? rows * members : rows, std::max(1L, heavyTiles))};
    for (int m = 0; m < members; m++) {
      gathererOf(m).next = gathersOwn ? 0 : rows * m / members;
      gathererOf(m).end = gathersOwn ? rows : rows * (m + 1) / members;
    }
  }

  // The minibatch of this step in a member's own memory, once; the member has a tile of the step in hand.
  void gatherOwn(int member) {
    Gatherer& gatherer = gathererOf(member);
    if (gatherer.step == view.index) return;
    gatherer.step = view.index;
    for (const Load* load : program.ownLoads) load->gatherOwn(view, program.workspaces[(size_t)member].own);
  }

  // One portion of a member's part of the next minibatch, the part that it is likely to gather.
  void fetchAhead(int member) {
    Gatherer& part = gathererOf(member);
    const Binding& binding = program.binding;
    for (long i = 0; i < ahead.portion && part.next < part.end; i++, part.next++) {
      const long position = ahead.first + part.next, example = binding.order ? binding.order[position] : position;
      for (size_t s = 0; s < binding.sources.size(); s++) {
        const Source& source = binding.sources[s];
        if (!program.sourceUses[s].rows || example < 0 || example >= source.rows) continue;
        const long bytes = std::min(source.bytesPerRow(), longestFetch);
        const char* data = static_cast<const char*>(source.data) + example * source.bytesPerRow();
        for (long at = 0; at < bytes; at += 64) __builtin_prefetch(data + at, 0, 2);
      }
    }
  }

  void finishStep() {
    if (program.guard >= 0 && !std::isfinite(program.binding.sinks[(size_t)program.guard].data[next])) stopped = true;
    program.copiesHold = true;
    next++;
    control.finished.store(next - request.begin, std::memory_order_relaxed);
  }

  // A minibatch that nobody needs, or every member gathers for itself, is no common work.
  long tilesOf(size_t s) const {
    const Load* load = program.stages[s]->asLoad();
    return load && ((gathersOwn && load->hasOwn()) || !load->makesAnything(view.sources, view.rows)) ? 0 : program.stages[s]->tiles;
  }

  // Finds the spans for steps of this many rows, and gives every member its part of every stage.
  void divide() {
    spanCount = 0;
    for (size_t p = 0; p + 1 < program.phases.size(); p++) {
      const size_t first = program.phases[p], last = program.phases[p + 1];
      long count = 0, most = 0;
      double work = 0;
      for (size_t s = first; s < last; s++) {
        const long tiles = tilesOf(s);
        count += tiles;
        most = std::max(most, tiles);
        work += program.stages[s]->work(view.rows);
        for (int m = 0; m < members; m++) {
          Share& share = shares[s * (size_t)members + (size_t)m];
          share.begin = (uint32_t)(tiles * m / members);
          share.end = (uint32_t)(tiles * (m + 1) / members);
        }
      }
      if (count == 0) continue;
      const bool serial = most == 1 && work <= largestSerialWork;
      if (serial && spanCount > 0 && spans[spanCount - 1].serial) {
        spans[spanCount - 1].last = last;
        continue;
      }
      Span& span = spans[spanCount++];
      span.first = first;
      span.last = last;
      span.serial = serial;
    }
  }

  // Opens the tiles of span `number`, for epoch `now`; false where there is none.
  bool openSpan(size_t number, uint32_t now) {
    if (number >= spanCount) return false;
    present = number;
    const Span& span = spans[number];
    const auto open = [&](size_t s, int owner, uint32_t count) {
      shares[s * (size_t)members + (size_t)owner].left.store((uint64_t)now << 32 | count, std::memory_order_release);
    };
    if (span.serial) {
      unfinished.store(1, std::memory_order_relaxed);
      for (int m = 0; m < members; m++) open(span.first, m, m == 0);
      return true;
    }
    long count = 0;
    for (size_t s = span.first; s < span.last; s++) count += tilesOf(s);
    unfinished.store(count, std::memory_order_relaxed);
    for (size_t s = span.first; s < span.last; s++)
      for (int m = 0; m < members; m++) open(s, m, shares[s * (size_t)members + (size_t)m].end - shares[s * (size_t)members + (size_t)m].begin);
    return true;
  }

  // Does what is left of a share, and returns how many tiles that were. In a serial span the one tile is all its stages.
  long take(const Span& span, size_t s, int owner, int member, uint32_t now) {
    const Workspace& workspace = program.workspaces[(size_t)member];
    Share& share = shares[s * (size_t)members + (size_t)owner];
    long did = 0;
    uint64_t word = share.left.load(std::memory_order_acquire);
    // Of another epoch: this member has slept through a span.
    while (word >> 32 == now && (uint32_t)word > 0) {
      if (!share.left.compare_exchange_weak(word, word - 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      if (span.serial) {
        for (size_t each = span.first; each < span.last; each++) runTiles(each, member, workspace, 0, tilesOf(each));
      } else {
        const long tile = (long)share.end - (uint32_t)word;
        runTiles(s, member, workspace, tile, tile + 1);
      }
      did++;
      word = share.left.load(std::memory_order_acquire);
    }
    return did;
  }

  void runTiles(size_t s, int member, const Workspace& workspace, long begin, long end) {
    if (begin == end) return;
    if (program.stages[s]->heavy()) {
      if (gathersOwn) gatherOwn(member);
      if (ahead.rows > 0) fetchAhead(member);
    }
    program.stages[s]->run(view, workspace, begin, end);
  }

  // One member's way through all spans of all steps. A span ends when its tiles are done, by whomever: a member that has no core
  // holds up the others only if it was in the middle of a tile. Whoever finishes the last tile opens the next span.
  void walk(int member) {
    for (;;) {
      const uint32_t now = epoch.value();
      if (ended.load(std::memory_order_acquire)) return;
      const Span& span = spans[present.load(std::memory_order_relaxed)];
      const size_t first = span.first, last = span.serial ? first + 1 : (size_t)span.last;
      long did = 0;
      for (int i = 0; i < members; i++)
        for (size_t s = first; s < last; s++) did += take(span, s, (member + i) % members, member, now);
      if (did > 0 && unfinished.fetch_sub(did, std::memory_order_acq_rel) == did) finishSpan(now);
      else epoch.waitWhile(now, spin);
    }
  }

  void finishSpan(uint32_t now) {
    if (badSource.load(std::memory_order_relaxed)) {
      ended = true;
    } else if (!openSpan(present + 1, now + 1)) {
      finishStep();
      if (prepareStep()) {
        if (reshaped) divide();
        openSpan(0, now + 1);
      } else {
        ended = true;
      }
    }
    epoch.raise();
  }

  Program& program;
  const RunRequest& request;
  RunControl& control;
  StepView view{};
  long next;
  bool failed = false;    // with the program's failure
  bool stopped = false;   // by the guard
  bool looksAhead = false;  // where the data are more than the caches hold
  bool reshaped = false;  // the step that runs has another number of rows than the one before

  int members = 1;
  bool spin = false;
  std::atomic<bool> badSource{false};
  struct { long first = 0, rows = 0, portion = 0; } ahead;  // the minibatch of the next step
  // The examples of the next step that a member is still to fetch, and the step whose minibatch it has gathered for itself.
  struct alignas(64) Gatherer { long next = 0, end = 0, step = -1; };
  Gatherer& gathererOf(int member) { return member == 0 ? firstGatherer : otherGatherers[(size_t)member - 1]; }
  Gatherer firstGatherer;
  std::vector<Gatherer> otherGatherers;
  bool gathersOwn = false;
  std::vector<Share> shares;
  std::vector<Span> spans;
  size_t spanCount = 0;
  Signal epoch;  // raised when a span begins
  std::atomic<size_t> present{0};   // the span
  std::atomic<long> unfinished{0};  // tiles of the present span
  std::atomic<bool> ended{false};
};

}  // namespace

// Room for the order of every batch of the request.
static void reserveOrder(Program& program, const RunRequest& request) {
  if (!program.binding.order) return;
  long most = 0;
  for (long step = request.begin; step < request.end; step++) most = std::max<long>(most, program.binding.batches[2 * step + 1]);
  most = std::min(most, program.limits.maxRows);
  if (most > (long)program.order.size()) program.order.resize((size_t)most);
}

// On a team, where it can be had and there is memory for more than one thread; false otherwise, and nothing has run then.
static bool runTogether(Program& program, const RunRequest& request, RunControl& control, Team& team, int wanted, RunResult& result) {
  const TeamLease lease(team);
  const int members = lease.held ? team.grow(wanted) : 1;
  if (members == 1 || request.begin >= request.end) return false;
  Run run(program, request, control);
  try {
    run.reserve(team, members);
  } catch (const std::bad_alloc&) {
    return false;
  }
  result = run.together(team);
  return true;
}

RunResult runSteps(Program& program, const RunRequest& request, RunControl& control, Team& team, int cores) {
  reserveOrder(program, request);
  program.reserveWorkspaces(1);
  program.copiesHold = program.copiesHold && request.unchanged;
  const int wanted = std::min(request.threads > 0 ? request.threads : cores, 256);
  const long rows = request.begin < request.end ? program.binding.batches[2 * request.begin + 1] : 1;
  const double work = wanted > 1 && !program.stages.empty() ? program.work(std::clamp(rows, 1L, program.limits.maxRows)) : 0;
  const bool isShort = work < smallestSharedWork && work >= smallestAwakeWork && request.end - request.begin == 1;
  RunResult result{request.begin};
  const bool shares = work >= smallestSharedWork || (isShort && team.isBusy());
  if (!shares || !runTogether(program, request, control, team, wanted, result)) result = runAlone(program, request, control);
  if (isShort) team.noteEnd();
  return result;
}

RunResult runAlone(Program& program, const RunRequest& request, RunControl& control) { return Run(program, request, control).alone(); }

RunResult runInstructions(Program& program, long step, long from, long to, uint64_t counterBase) {
  RunControl control;
  const RunRequest request = {step, step + 1, counterBase, 1, false};
  reserveOrder(program, request);
  program.copiesHold = false;
  program.reserveWorkspaces(1);
  return Run(program, request, control).inspect(from, to);
}

}  // namespace densely
