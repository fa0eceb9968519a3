// Tests of programs without Node: what is refused and how, runs that are cut, stopped and interrupted, and the cases in the folders named as arguments.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <thread>

#include "checks.h"
#include "cores.h"
#include "pages.h"
#include "program_case.h"
#include "written_program.h"

using namespace written;

static std::atomic<long> allocations{0};

void* operator new(size_t size) {
  allocations++;
  if (void* memory = std::malloc(std::max<size_t>(size, 1))) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace {

std::string messageOf(const Numbers& code, const ProgramOptions& options = limits) {
  std::string message;
  const auto program = Program::decode(code.data(), code.size(), options, message);
  return program ? "taken" : message;
}

void expectRefused(const Written& program, const char* part) {
  const std::string message = messageOf(program.code);
  check(message.find(part) != std::string::npos, "expected '%s' but received '%s'", part, message.c_str());
}

Written only(int opcode, const std::vector<Place>& outs, const std::vector<Place>& ins, const Numbers& attributes) { return Written().add(opcode, outs, ins, attributes); }

void testRefusals() {
  const Place static8 = {scratchRegion, 0, 8, staticLayout}, rows8 = {scratchRegion, 0, 8, featureMajor}, lines8 = {scratchRegion, 0, 8, exampleMajor};
  const Place far8 = {scratchRegion, 2048, 8, featureMajor}, farLines8 = {scratchRegion, 2048, 8, exampleMajor}, farStatic8 = {scratchRegion, 2048, 8, staticLayout};
  const Place far1 = {scratchRegion, 2048, 1, featureMajor}, weights = {stateRegion, 0, 64, staticLayout};
  check(messageOf(layer().code) == "taken", "the layer is taken: %s", messageOf(layer().code).c_str());
  Numbers code = layer().code;
  const auto changed = [&](size_t at, double number) { Numbers other = code; other[at] = number; return other; };
  check(messageOf({}).find("version 1") != std::string::npos && messageOf(changed(0, 2)).find("version 1") != std::string::npos, "another version");
  check(messageOf(changed(1, 3)).find("does not hold the number of instructions") != std::string::npos, "another number of instructions");
  check(messageOf(Numbers(code.begin(), code.end() - 1)).find("leave the code") != std::string::npos, "a code cut off");
  check(messageOf(changed(2, 14)).find("expected an opcode below 14") != std::string::npos && messageOf(changed(2, NAN)).find("unknown") != std::string::npos, "an unknown opcode");
  check(messageOf(changed(3, -1)).find("number of outs, ins or attributes") != std::string::npos && messageOf(changed(3, 1.5)).find("number of outs") != std::string::npos, "a number of outs");
  check(messageOf(changed(6, 5)).find("expected an operand") != std::string::npos, "an unknown region");
  check(messageOf(changed(7, 4090)).find("leaves the scratch region") != std::string::npos, "an operand beyond the region");
  check(messageOf(changed(6, constantsRegion)).find("leaves the constants region of 0") != std::string::npos, "an operand in an empty region");

  expectRefused(only(load, {rows8}, {}, {2}), "expected the source to be a whole number from 0 to 1 but received 2");
  expectRefused(only(load, {rows8}, {}, {0, 0}), "expected 1 attributes but received 2");
  expectRefused(only(load, {rows8}, {}, {}), "there are 0 attributes");
  expectRefused(only(load, {rows8, far8}, {}, {0}), "expected the example-major out");
  expectRefused(only(load, {lines8, farLines8}, {}, {0}), "expected the feature-major out");
  expectRefused(only(load, {rows8, farLines8, static8}, {}, {0}), "expected 1 outs and 0 ins but received 3 and 0");
  expectRefused(only(load, {rows8, {scratchRegion, 64, 8, exampleMajor}}, {}, {0}), "overlaps another operand");
  expectRefused(Written().add(load, {rows8}, {}, {0}).add(load, {{scratchRegion, 2048, 9, featureMajor}}, {}, {0}), "source 0 is read with 8 and with 9");
  expectRefused(only(load, {{stepRegion, 0, 1, staticLayout}}, {}, {0}), "read-only step region");
  expectRefused(only(store, {}, {{stepRegion, 0, 1, featureMajor}}, {0}), "step region of 3");
  expectRefused(only(store, {}, {lines8}, {0}), "static or feature-major");
  expectRefused(only(store, {rows8}, {static8}, {0}), "expected 0 outs and 1 ins");
  expectRefused(Written().add(store, {}, {static8}, {0}).add(store, {}, {{scratchRegion, 0, 9, staticLayout}}, {0}), "sink 0 is written with 8 and with 9");

  const Numbers plain = {8, -1, 8, 0, 8, -1, 1, 4, 1, 0, 0, 1, copyOperation, 1, 0, 0, 0, 0};
  const auto productWith = [&](size_t at, double number) { Numbers other = plain; other[at] = number; return only(product, {far8}, {weights, rows8}, other); };
  check(messageOf(only(product, {far8}, {weights, rows8}, plain).code) == "taken", "a product of squares");
  expectRefused(productWith(0, -1), "more than one of M, N and K is rows");
  expectRefused(productWith(0, 0), "M is 0");
  expectRefused(productWith(3, 2), "expected transposeA to be");
  expectRefused(productWith(2, 9), "expected A to be static of count 72");
  expectRefused(productWith(4, 9), "expected a full operand to be feature-major of count 9");
  expectRefused(only(product, {far1}, {weights, rows8}, {8, -1, 8, 0, 1, -1, 1, 4, 1, 0, 0, 1, copyOperation, 1, 0, 0, 0, 0}), "the chain runs over 1 x -1 but the product is 8 x -1");
  expectRefused(productWith(5, 0), "columns is 0");
  expectRefused(productWith(7, 0), "a product's tile is input 0");
  expectRefused(productWith(6, 0), "the chain of a product does not read it");
  expectRefused(productWith(12, 35), "expected an operation to be a whole number from 0 to 34");
  expectRefused(productWith(13, 0), "the destination of an operation");
  expectRefused(productWith(14, 2), "an operand of an operation");
  expectRefused(productWith(10, 300), "the number of registers");
  expectRefused(productWith(11, 2), "expected 2 operations of 6 attributes");
  expectRefused(only(product, {far8}, {weights}, plain), "expected at least 2 ins but received 1");
  expectRefused(only(product, {}, {weights, rows8}, {8, -1, 8, 0, 8, -1, 1, 4, 0, 0, 1, copyOperation, 0, 0, 0, 0, 0}), "has nowhere to write");
  expectRefused(only(productBfloat16, {far8}, {weights}, {8, -1, 8, 0, 1}), "expected at least 2 ins");

  const auto chainOf = [](const Numbers& operation) {
    Numbers attributes = {8, -1, 1, 0, 2, 0, 1, 0};
    attributes.push_back((double)operation.size() / 6);
    attributes.insert(attributes.end(), operation.begin(), operation.end());
    return attributes;
  };
  const std::vector<Place> valueAndSum = {far8, {scratchRegion, 3072, 8, staticLayout}};
  check(messageOf(only(chain, valueAndSum, {rows8}, chainOf({copyOperation, 1, 0, 0, 0, 0, 34, 2, 0, 0, 0, 0})).code) == "taken", "a chain with a sum");
  expectRefused(only(chain, valueAndSum, {rows8}, chainOf({copyOperation, 2, 0, 0, 0, 0})), "writes an out of another kind");
  expectRefused(only(chain, valueAndSum, {rows8}, chainOf({34, 1, 0, 0, 0, 0})), "writes an out of another kind");
  expectRefused(only(chain, valueAndSum, {rows8}, chainOf({34, 2, 0, 0, 0, 0, 34, 2, 0, 0, 0, 0})), "writes sums already made");
  expectRefused(only(chain, valueAndSum, {rows8}, chainOf({34, 2, 0, 0, 0, 0, copyOperation, 1, 2, 0, 0, 0})), "reads the sums of lines");
  expectRefused(only(chain, {far8}, {rows8}, chainOf({copyOperation, 1, 0, 0, 0, 0})), "the chain has 2 outs and 1 ins but the instruction has 1 and 1");
  expectRefused(only(chain, {{scratchRegion, 2048, 8, staticLayout}}, {{scratchRegion, 0, 1, staticLayout}}, {8, -1, 1, 3, 1, 1, 0, 1, 34, 1, 0, 0, 0, 0}), "no operand of the chain is full");
  // In place only where a value is read whole and written whole, at its own place.
  const Place apart8 = {scratchRegion, 1024, 8, staticLayout};
  check(messageOf(only(chain, {rows8}, {rows8}, {8, -1, 1, 0, 1, 0, 0, 1, copyOperation, 1, 0, 0, 0, 0}).code) == "taken", "a chain in place");
  check(messageOf(only(chain, {static8}, {apart8, farStatic8}, {8, 1, 2, 0, 1, 1, 0, 0, 1, addOperation, 2, 0, 1, 0, 0}).code) == "taken", "a chain with a value per line");
  expectRefused(only(chain, {static8}, {apart8, static8}, {8, 1, 2, 0, 1, 1, 0, 0, 1, addOperation, 2, 0, 1, 0, 0}), "overlaps another operand");
  expectRefused(only(chain, {static8}, {static8}, {8, 1, 1, 0, 1, 1, 0, 1, 34, 1, 0, 0, 0, 0}), "overlaps another operand");
  expectRefused(only(chain, {far8}, {rows8}, {-1, -1, 1, 0, 1, 0, 0, 1, copyOperation, 1, 0, 0, 0, 0}), "both lines and columns are rows");

  expectRefused(only(reduce, {far8}, {rows8}, {0, -1, 8, -1}), "more than one of outer, middle and inner is rows");
  expectRefused(only(reduce, {far8}, {rows8}, {0, 8, -1, 2}), "rows is the middle and inner is 2");
  expectRefused(only(reduce, {farStatic8}, {rows8}, {0, 7, -1, 1}), "expected x to be feature-major of count 7");
  expectRefused(only(reduce, {far8}, {rows8}, {0, 1, 8, 0}), "inner is 0");
  expectRefused(only(expand, {far8}, {rows8}, {-1, 8, -1}), "more than one of outer, middle and inner is rows");
  expectRefused(only(expand, {far8}, {static8}, {8, -1, 2}), "rows is the middle and inner is 2");
  expectRefused(only(expand, {farLines8}, {lines8}, {-1, 2, 8}), "expected y to be example-major of count 16");
  expectRefused(only(transpose, {farLines8}, {rows8}, {1, -1, -1, 1}), "more than one of a, b and inner is rows");
  expectRefused(only(transpose, {farLines8}, {rows8}, {2, 8, -1, 1}), "rows is exchanged and outer x inner is 2 x 1");
  expectRefused(only(join, {static8}, {}, {1, 1, 8}), "expected one or more ins");
  expectRefused(only(join, {farStatic8}, {static8}, {1, 1, 8, 8, 0, 8, 1}), "a part of 8 at 1 leaves the size of 8");
  expectRefused(only(join, {farStatic8}, {static8}, {1, 1, 8, 8, 4, 4, 0}), "expected the end of a part");
  expectRefused(only(softmax, {far8}, {rows8}, {3, 1, 8, -1}), "expected the kind of softmax");
  expectRefused(only(softmax, {far8}, {rows8}, {0, -1, 8, -1}), "both outer and inner are rows");
  expectRefused(only(crossEntropy, {far1}, {rows8, {scratchRegion, 1024, 2, featureMajor}}, {8, 1}), "expected t to be feature-major of count 1");
  expectRefused(only(oneHot, {far8}, {rows8}, {8}), "expected the labels to be feature-major of count 1");
  expectRefused(only(argmax, {far8}, {rows8}, {8}), "expected y to be feature-major of count 1");
  expectRefused(only(draw, {lines8}, {}, {1, 2, 3}), "expected y to be static or feature-major");
  expectRefused(only(draw, {rows8}, {}, {1, -2, 3}), "the low word of the seed");

  ProgramOptions guarded = limits;
  guarded.guard = 0;
  check(messageOf(code, guarded).find("expected the guard, sink 0") != std::string::npos, "a guard of more than one number");
  guarded.guard = 1;
  check(messageOf(code, guarded) == "taken", "a guard of one number");
}

void testStops() {
  { Work work; work.width = 9; work.expectStop("expected source 0 to have a width of 8 but received 9"); }
  { Work work; work.batches = {0, 17}; work.expectStop("step 0: expected a batch of 1 to 16 rows but received 17 from 0"); }
  { Work work; work.batches = {0, 16, -1, 16}; work.expectStop("step 1: expected a batch of 1 to 16 rows but received 16 from -1"); }
  { Work work; work.batches = {0, 0}; work.expectStop("but received 0 from 0"); }
  { Work work; work.order.assign(20, 0); work.expectStop("step 1: the order has 20 positions but the batch ends at 32"); }
  { Work work; work.order.assign(32, 0); work.order[31] = -1; work.expectStop("step 1: the order has a negative example"); }
  { Work work; work.order.assign(32, 0); work.order[0] = 640; work.expectStop("step 0: source 0 has 640 rows but row 640 is asked for"); }
  { Work work; work.data.resize(8 * 31); work.expectStop("step 1: source 0 has 31 rows but row 31 is asked for"); }
  { Work work; work.sinks[0].resize(4 * 32 - 1); work.expectStop("step 1: sink 0 holds 127 numbers but 128 are written"); }
  { Work work; work.sinks[1].resize(1); work.expectStop("step 1: sink 1 holds 1 numbers but 2 are written"); }
  { Work work; work.checked = true; work.data[8 * 20 + 3] = NAN; work.expectStop("step 1: a source holds a value that is not finite"); }
  Written fixed;
  fixed.add(load, {{scratchRegion, 0, 8, staticLayout}}, {}, {0});
  std::string message;
  const auto program = Program::decode(fixed.code.data(), fixed.code.size(), limits, message);
  Binding binding;
  binding.sources = {{nullptr, Element::float32, 8, 0, 1, 0, false}, {nullptr, Element::float32, 1, 0, 1, 0, false}};
  check(program && !program->bind(binding, message) && message.find("to hold 8 numbers but received fewer") != std::string::npos, "a source with too few numbers");
  // A source whose last instruction is the load ends the run just as well.
  Work work;
  work.program = Program::decode(only(load, {{scratchRegion, 0, 8, featureMajor}}, {}, {0}).code.data(), 2 + 4 + 4 + 1, limits, message);
  work.checked = true;
  work.data[0] = INFINITY;
  work.expectStop("step 0: a source holds a value that is not finite");
}

void testSlices() {
  Work work;
  check(work.bind() && work.run(0, 40).next == 40 && work.control.finished == 40, "40 steps");
  const std::vector<float> whole = work.sinks[0];
  std::fill(work.sinks[0].begin(), work.sinks[0].end(), 0.0f);
  for (long step = 0; step < 40; step += 7) check(work.run(step, std::min(40L, step + 7)).next == std::min(40L, step + 7), "a slice from %ld", step);
  check(work.sinks[0] == whole, "slices have the bits of the whole");
  check(work.run(7, 7).next == 7 && !work.run(7, 7).message, "a run of no steps");
  for (long step = 0; step < 40; step++)
    for (long o = 0; o < 4; o++) {
      double sum = 0;
      for (long i = 0; i < 8; i++) sum += (double)work.state[(size_t)(o * 8 + i)] * (double)work.data[(size_t)(step * 128 + i)];
      check(std::fabs(whole[(size_t)(step * 64 + o)] - std::max(sum, 0.0)) < 1e-5, "step %ld, out %ld", step, o);
    }
}

// What a step throws nobody could catch: helpers are in the midst of it.
void testMemory() {
  Work work;
  check(work.bind() && work.run(0, 1).next == 1, "a step that makes what there is to make");
  for (size_t step = 0; step < 40; step++) work.batches[2 * step + 1] = (int32_t)(1 + step * 5 % 16);
  check(work.bind(), "bound to batches of other sizes");
  const long before = allocations;
  const RunResult result = runAlone(*work.program, {0, 40, 0, 1, false}, work.control);
  const long made = allocations - before;
  check(result.next == 40 && made == 0, "40 steps of changing rows make no memory: %ld allocations", made);
}

void testGuard() {
  Work work(1);
  work.state[0] = NAN;
  check(work.bind() && work.run(0, 40).next == 1, "a guard that is not finite ends the run after its step");
  work.state[0] = 1;
  check(work.run(1, 40).next == 40, "and the next run goes on");
}

void testInterruption() {
  Work work(-1, 4000);
  check(work.bind(), "bound");
  work.control.interrupted = true;
  check(work.run(0, 4000).next == 0, "a run interrupted before its start");
  work.control.interrupted = false;
  RunResult result{0, {}};
  std::thread runner([&] {
    while (!work.control.interrupted) result = work.run(0, 4000);
  });
  while (work.control.finished < 5) std::this_thread::yield();
  work.control.interrupted = true;
  runner.join();
  check(!result.message && result.next >= 0 && result.next <= 4000, "a run interrupted on its way: %ld", result.next);
}

// Predictions by rows, cut among threads or not, have the same bits; a value that is not finite ends them.
void testRows() {
  Written program;
  program.add(load, {{scratchRegion, 0, 8, featureMajor}}, {}, {0});
  program.add(product, {{scratchRegion, 1024, 8, featureMajor}}, {{stateRegion, 0, 64, staticLayout}, {scratchRegion, 0, 8, featureMajor}},
              {8, -1, 8, 0, 8, -1, 1, 4, 1, 0, 0, 1, 11, 1, 0, 0, 0, 0});
  program.add(store, {}, {{scratchRegion, 1024, 8, featureMajor}}, {0});
  ProgramOptions options = {32, 256, 4096, 0, 1, 1, -1, nullptr, 0};
  std::string message;
  const auto decoded = Program::decode(program.code.data(), program.code.size(), options, message);
  check(decoded && RowsRunner::fits(*decoded), "a prediction fits: %s", message.c_str());
  if (!decoded) return;
  RowsRunner runner(program.code, options);
  std::vector<float> state(256), scratch(4096), input(8 * 1000), output(8 * 1000), expected;
  for (float& value : state) value = uniform();
  for (float& value : input) value = uniform();
  Binding binding;
  binding.state = state.data();
  binding.scratch = scratch.data();
  binding.sources = {{nullptr, Element::float32, 8, 0, 1, 0, false}};
  binding.sinks = {{nullptr, 0}};
  check(decoded->bind(binding, message), "bound: %s", message.c_str());
  RunControl control;
  Team team(2);
  const auto run = [&](int threads, long rows) {
    std::fill(output.begin(), output.end(), 0.0f);
    return runner.run(*decoded, {{input.data(), Element::float32, 8, rows, 1, 0, true}, {output.data(), 8 * rows}, threads, false}, control, team, 4);
  };
  for (const long rows : {1L, 31L, 33L, 64L, 1000L}) {
    check(!run(1, rows).message, "%ld rows on one thread", rows);
    expected = output;
    for (const int threads : {0, 2, 3, 5}) check(!run(threads, rows).message && output == expected, "%ld rows on %d threads", rows, threads);
  }
  check(runner.ownedBytes() > 0 && decoded->ownedBytes() > 0, "replicas own memory");
  input[8 * 700] = INFINITY;
  for (const int threads : {1, 3}) check(cases::sentenceOf(run(threads, 1000)).find("not finite") != std::string::npos, "a value that is not finite, %d threads", threads);
  input[8 * 700] = 0;
  check(team.acquire() && !run(3, 1000).message, "where another has the team, one thread does it all");
  control.interrupted = true;
  check(run(1, 1000).next == 0, "interrupted");
  team.release();
  check(!run(3, 1000).message, "interrupted on three threads");
  check(!RowsRunner::fits(*Work().program), "a program with two sinks does not fit");
}

void testMachine() {
  check(availableCores() >= 1 && availableCores() <= 4096, "cores: %d", availableCores());
  Floats some, other;
  some.allocate(5 << 20);
  check(some.length() == 5 << 20 && some.data()[(5 << 20) - 1] == 0, "large memory is zeroed");
  other = std::move(some);
  check(other.length() == 5 << 20 && !some.data(), "memory moves");
  bool refused = false;
  try {
    other.allocate(1L << 44);
  } catch (const std::bad_alloc&) {
    refused = true;
  }
  check(refused && other.length() == 5 << 20, "too much memory is refused, and what was there stays");
}

// What fuzzers found, and what the library makes.
void testCases(const char* folder) {
  int taken = 0, ran = 0, all = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const cases::Outcome outcome = cases::run(cases::readNumbers(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
    all++;
    taken += outcome.taken;
    ran += outcome.ran;
  }
  printf("%s: %d cases, %d taken, %d ran to their end\n", folder, all, taken, ran);
  check(all > 0, "%s holds cases", folder);
}

}  // namespace

int main(int count, char** arguments) {
  testRefusals();
  testStops();
  testSlices();
  testProductStores();
  testMemory();
  testGuard();
  testInterruption();
  testRows();
  testMachine();
  for (int i = 1; i < count; i++) testCases(arguments[i]);
  printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}
