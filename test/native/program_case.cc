// A program together with the memory it runs in and the steps it is asked for.
#include "program_case.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace densely::cases {

namespace {

constexpr uint8_t shortTag = 250, intTag = 251, floatTag = 252, doubleTag = 253;
constexpr int smallest = -10;           // of the numbers of one byte

template <typename T>
bool take(const uint8_t*& at, const uint8_t* end, double& number) {
  T value;
  if ((size_t)(end - at) < sizeof value) return false;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  number = (double)value;
  return true;
}

template <typename T>
void put(std::vector<uint8_t>& to, uint8_t tag, double number) {
  const T value = (T)number;
  to.push_back(tag);
  to.insert(to.end(), reinterpret_cast<const uint8_t*>(&value), reinterpret_cast<const uint8_t*>(&value) + sizeof value);
}

// A few numbers per seed, the same on every machine.
struct Mixer {
  uint64_t state;
  uint32_t next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
  }
};

[[noreturn]] void end(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

// Exactly `length` values on a cache line's boundary, as the library allocates them.
template <typename T>
class Exact {
 public:
  explicit Exact(long length) : length(length) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 64, (size_t)length * sizeof(T)) != 0) end("out of memory");
    data = static_cast<T*>(memory);
  }
  ~Exact() { std::free(data); }
  Exact(const Exact&) = delete;
  Exact(Exact&& other) noexcept : data(std::exchange(other.data, nullptr)), length(other.length) {}

  T* data;
  long length;
};

std::vector<float> makeTable(long length, bool special) {
  static const float odd[] = {0.0f, -0.0f, 1.0f, 2.0f, 3.0f, -1.0f, NAN, INFINITY, -INFINITY, 1e-40f, 3e38f, -3e38f, 0.5f, 4.0f, 7.0f, 1e9f};
  Mixer mixer{1};
  std::vector<float> table((size_t)length);
  for (float& value : table) {
    const uint32_t bits = mixer.next();
    value = special && bits % 4 == 0 ? odd[bits / 4 % 16] : (float)(int32_t)(bits % 4001 - 2000) * 0.001f;
  }
  return table;
}

// Numbers of all kinds, or ordinary ones only: parts of one long table, so that filling costs no more than copying.
void fill(float* to, long length, Mixer& mixer, bool special) {
  constexpr long tableLength = 1 << 12;
  static const std::vector<float> tables[2] = {makeTable(tableLength, false), makeTable(tableLength, true)};
  for (long at = 0; at < length;) {
    const long from = (long)(mixer.next() % tableLength), count = std::min(length - at, tableLength - from);
    std::copy_n(tables[special].begin() + from, count, to + at);
    at += count;
  }
}

struct Range { long begin, end; };

// One case at work: its arrays, and the ways of running it.
class Bench {
 public:
  Bench(const Numbers& numbers, const ProgramOptions& options, const Most& most) : options(options), most(most), flags((long)numbers[flagsAt]), mixer{(uint64_t)numbers[seedAt] + 1} {
    for (int i = 0; i < 2; i++) rows[i] = (long)numbers[(size_t)(firstRowsAt + i)];
    code.assign(numbers.begin() + headerLength, numbers.end());
  }

  Outcome run() {
    Outcome outcome;
    constants.resize((size_t)options.constantsLength);
    fill(constants.data(), options.constantsLength, mixer, false);
    options.constants = constants.data();
    program = Program::decode(code.data(), code.size(), options, outcome.message);
    if (!program) return outcome;
    program->shape(options.maxRows);
    program->shape(1);
    if (!isSmall()) return outcome;
    makeArrays();
    outcome.taken = program->bind(binding(), outcome.message);
    if (!outcome.taken) return outcome;
    if (program->ownedBytes() > 8 * most.floats) return outcome;
    const RunResult result = allAtOnce(outcome);
    outcome.message = sentenceOf(result);
    outcome.ran = result.next == 2 && !result.message;
    if (!outcome.ran && !result.message && options.guard < 0) end("a run stopped without a sentence");
    // A guard that stops a run says nothing.
    if (flags & threads && !most.exactThreads) perform([&] { return stepByStep(); });
    else if (outcome.ran || !outcome.message.empty()) same(outcome, "single steps", [&] { return stepByStep(); });
    if (outcome.ran) same(outcome, "instructions", [&] { return byInstruction(); });
    runRows();
    return outcome;
  }

 private:
  bool isSmall() {
    double floats = (double)options.stateLength + (double)options.scratchLength, work = 0;
    for (const long count : rows) work = std::max(work, program->work(std::clamp(count, 1L, options.maxRows)));
    for (const SourceUse& use : program->sourceUses) floats += (double)use.width * (double)(sourceRows() + 1);
    for (const SinkUse& use : program->sinkUses) floats += (double)use.count * (double)(rows[0] + rows[1] + 2);
    return floats <= most.floats && work <= most.work && rows[0] + rows[1] <= most.floats;
  }

  // As many examples as the steps ask for, or one less.
  long sourceRows() const { return std::max(0L, std::max(rows[0], 0L) + std::max(rows[1], 0L) - (flags & shortSources ? 1 : 0)); }

  void makeArrays() {
    const Element element = flags & bytes ? Element::uint8 : flags & integers ? Element::int32 : Element::float32;
    for (const SourceUse& use : program->sourceUses) {
      const long width = std::max(use.width, 1L), count = use.rows ? sourceRows() : use.fixed ? 1 : 0;
      const long size = element == Element::uint8 ? 1 : 4;
      sourceMemory.emplace_back(width * count * size);
      void* data = sourceMemory.back().data;
      if (element == Element::float32) fill(static_cast<float*>(data), width * count, mixer, flags & specialValues);
      else for (long i = 0; i < width * count * size; i++) sourceMemory.back().data[i] = (uint8_t)(i % 5);
      sources.push_back({data, element, width, count, flags & scaled ? 0.25f : 1.0f, flags & scaled ? -0.5f : 0.0f, (flags & inspected) != 0});
    }
    for (const SinkUse& use : program->sinkUses) {
      const long count = std::max(use.rows ? use.count * (rows[0] + rows[1]) : 0, use.fixed ? 2 * use.count : 0) - (flags & shortSinks ? 1 : 0);
      sinkMemory.emplace_back(std::max(count, 0L));
    }
    order.resize((size_t)std::max(0L, rows[0] + rows[1]));
    for (int32_t& example : order) example = (int32_t)(mixer.next() % (uint32_t)std::max(1L, sourceRows()));
    if (flags & badOrder && !order.empty()) order[mixer.next() % order.size()] = mixer.next() % 2 ? -1 : (int32_t)sourceRows();
    batches = {0, (int32_t)rows[0], (int32_t)std::max(rows[0], 0L), (int32_t)rows[1]};
    state = std::make_unique<Exact<float>>(options.stateLength);
    scratch = std::make_unique<Exact<float>>(options.scratchLength);
    hyper = std::make_unique<Exact<float>>(2 * options.hyperCount);
    fill(hyper->data, hyper->length, mixer, false);
    startState.resize((size_t)options.stateLength);
    startScratch.resize((size_t)options.scratchLength);
    fill(startState.data(), options.stateLength, mixer, flags & specialValues);
    fill(startScratch.data(), options.scratchLength, mixer, flags & specialValues);
    findUntouched();
  }

  // Which floats of state and scratch no instruction may write.
  void findUntouched() {
    const long lengths[] = {options.stateLength, options.scratchLength};
    for (int region = 0; region < 2; region++) {
      std::vector<Range> outs;
      for (const auto& stage : program->stages)
        for (const Operand& out : stage->outs)
          if (out.region == region) outs.push_back({out.offset, out.offset + (out.layout == staticLayout ? out.count : out.count * roundUp(options.maxRows, lanes))});
      std::sort(outs.begin(), outs.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
      outs.push_back({lengths[region], lengths[region]});
      long at = 0;
      for (const Range& out : outs) {
        if (out.begin > at) untouched[region].push_back({at, out.begin});
        at = std::max(at, out.end);
      }
    }
  }

  Binding binding() {
    Binding made;
    made.state = state->data;
    made.scratch = scratch->data;
    made.sources = sources;
    for (Exact<float>& sink : sinkMemory) made.sinks.push_back({sink.data, sink.length});
    if (flags & ordered) made.order = order.data();
    made.orderLength = (long)order.size();
    made.batches = batches.data();
    made.steps = 2;
    made.hyper = hyper->data;
    return made;
  }

  void reset() {
    std::copy(startState.begin(), startState.end(), state->data);
    std::copy(startScratch.begin(), startScratch.end(), scratch->data);
    for (Exact<float>& sink : sinkMemory) std::fill_n(sink.data, sink.length, 77.0f);
    clearWorkspaces();
    control.finished = 0;
  }

  // What lies beside the rows of a step is anything at all, such as what a thread's tile held before: a program that makes a result of it is
  // none that the compiler makes, but has the same result each time if that was zero.
  void clearWorkspaces() {
    long tile = 0, blocks = 0;
    for (const auto& stage : program->stages) tile = std::max(tile, stage->tileFloats), blocks = std::max(blocks, stage->blockFloats);
    for (const Workspace& workspace : program->workspaces) {
      std::fill_n(workspace.tile, tile, 0.0f);
      std::fill_n(workspace.blocks, blocks, 0.0f);
    }
  }

  static void expectUntouched(const std::vector<Range>& ranges, const float* now, const std::vector<float>& before) {
    for (const Range& range : ranges)
      if (std::memcmp(now + range.begin, before.data() + range.begin, (size_t)(range.end - range.begin) * sizeof(float)) != 0) end("memory was written that is nobody's out");
  }

  template <class Way>
  RunResult perform(Way way) {
    reset();
    RunResult result = way();
    expectUntouched(untouched[0], state->data, startState);
    expectUntouched(untouched[1], scratch->data, startScratch);
    return result;
  }

  static Team& team() {
    static Team shared(3);
    return shared;
  }

  RunResult allAtOnce(Outcome& outcome) {
    const RunResult result = perform([&] { return runSteps(*program, {0, 2, counter, 1, false}, control, team(), 3); });
    outcome.state.assign(state->data, state->data + state->length);
    for (const Exact<float>& sink : sinkMemory) outcome.sinks.emplace_back(sink.data, sink.data + sink.length);
    return result;
  }

  RunResult stepByStep() {
    // Steps that follow each other closely are shared among threads where they are long enough.
    const int members = flags & threads ? 3 : 1;
    const RunResult result = runSteps(*program, {0, 1, counter, members, false}, control, team(), 3);
    return result.next == 1 ? runSteps(*program, {1, 2, counter, members, true}, control, team(), 3) : result;
  }

  RunResult byInstruction() {
    RunResult result{2, {}};
    const long count = (long)program->instructions.size() - 1;
    for (long step = 0; step < 2 && !result.message; step++)
      for (long i = 0; i < count && !result.message; i++) result = runInstructions(*program, step, i, i + 1, counter);
    return {2, result.message};
  }

  template <class Way>
  void same(const Outcome& expected, const char* name, Way way) {
    const RunResult result = perform(way);
    if (sentenceOf(result) != expected.message) std::fprintf(stderr, "%s: '%s', all steps at once: '%s'\n", name, sentenceOf(result).c_str(), expected.message.c_str()), end("different messages");
    expectEqual(name, "the state", state->data, expected.state);
    for (size_t i = 0; i < sinkMemory.size(); i++) expectEqual(name, "a sink", sinkMemory[i].data, expected.sinks[i]);
  }

  static void expectEqual(const char* name, const char* what, const float* now, const std::vector<float>& expected) {
    for (size_t i = 0; i < expected.size(); i++) {
      if (std::memcmp(&now[i], &expected[i], sizeof(float)) == 0) continue;
      std::fprintf(stderr, "%s: %s has %g at %zu, all steps at once %g\n", name, what, (double)now[i], i, (double)expected[i]);
      end("different bits");
    }
  }

  void runRows() {
    if (!RowsRunner::fits(*program) || rows[0] < 1) return;
    RowsRunner runner(code, options);
    const long width = program->sourceUses[0].width, count = program->sinkUses[0].count, total = std::min(rows[0] + std::max(rows[1], 0L), 3 * options.maxRows);
    if ((width + count) * total > most.floats) return;
    Exact<float> input(width * total), output(count * total);
    fill(input.data, input.length, mixer, flags & specialValues);
    for (int round = 0; round < 2; round++) {
      std::fill_n(output.data, output.length, 77.0f);
      const Source source = {input.data, Element::float32, width, total, 1.0f, 0.0f, (flags & inspected) != 0};
      perform([&] { return runner.run(*program, {source, {output.data, output.length}, flags & threads ? 2 : 1, round == 1}, control, team(), 2); });
    }
  }

  ProgramOptions options;
  const Most most;
  long flags, rows[2];
  Mixer mixer;
  std::vector<double> code;
  std::vector<float> constants;
  std::unique_ptr<Program> program;
  RunControl control;
  static constexpr uint64_t counter = 0x1234567890;

  std::vector<Exact<uint8_t>> sourceMemory;
  std::vector<Source> sources;
  std::vector<Exact<float>> sinkMemory;
  std::vector<int32_t> order, batches;
  std::unique_ptr<Exact<float>> state, scratch, hyper;
  std::vector<float> startState, startScratch;
  std::vector<Range> untouched[2];
};

bool isWhole(double number, double lowest, double highest) { return number >= lowest && number <= highest && number == std::floor(number); }

}  // namespace

Numbers readNumbers(const uint8_t* data, size_t size) {
  Numbers numbers;
  const uint8_t* const end = data + size;
  for (const uint8_t* at = data; at < end;) {
    const uint8_t tag = *at++;
    double number = (double)tag + smallest;
    if (tag == shortTag && !take<int16_t>(at, end, number)) break;
    if (tag == intTag && !take<int32_t>(at, end, number)) break;
    if (tag == floatTag && !take<float>(at, end, number)) break;
    if (tag >= doubleTag && !take<double>(at, end, number)) break;
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<uint8_t> writeNumbers(const Numbers& numbers) {
  std::vector<uint8_t> to;
  for (const double number : numbers) {
    const bool negativeZero = number == 0 && std::signbit(number);
    if (isWhole(number, smallest, shortTag - 1 + smallest) && !negativeZero) to.push_back((uint8_t)((int)number - smallest));
    else if (isWhole(number, INT16_MIN, INT16_MAX) && !negativeZero) put<int16_t>(to, shortTag, number);
    else if (isWhole(number, INT32_MIN, INT32_MAX) && !negativeZero) put<int32_t>(to, intTag, number);
    else if ((double)(float)std::clamp(number, -3e38, 3e38) == number) put<float>(to, floatTag, number);
    else put<double>(to, doubleTag, number);
  }
  return to;
}

// Lengths within the limits that the addon itself puts on them; what breaks those never reaches the program.
Outcome run(const Numbers& numbers, const Most& most) {
  if (numbers.size() < headerLength) return {};
  static const double highest[headerLength] = {dimensionLimit - lanes, countLimit, countLimit, 64, 16, 16, 15, 65536, 4294967295.0, 1 << 20, 1 << 20, 1023};
  for (int i = 0; i < headerLength; i++)
    if (!isWhole(numbers[(size_t)i], i == maxRowsAt ? 1 : i == guardAt || i == firstRowsAt || i == secondRowsAt ? -1 : 0, highest[i])) return {};
  const auto at = [&](Header i) { return (long)numbers[i]; };
  if (at(guardAt) >= at(sinkCountAt)) return {};
  return Bench(numbers, {at(maxRowsAt), at(stateLengthAt), at(scratchLengthAt), at(hyperCountAt), at(sourceCountAt), at(sinkCountAt), at(guardAt), nullptr, at(constantsLengthAt)}, most).run();
}

}  // namespace densely::cases
