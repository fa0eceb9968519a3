// Programs written by hand, and a layer with its memory.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "checks.h"
#include "program_case.h"
#include "run.h"

namespace written {

using namespace densely;
using cases::Numbers;

enum Opcode : int { load, store, product, chain, reduce, expand, transpose, join, softmax, crossEntropy, oneHot, argmax, draw, productBfloat16 };
enum : int { copyOperation = 0, negateOperation = 1, addOperation = 23 };

struct Place { int region; long offset, count; int layout; };

// A program written by hand.
struct Written {
  Numbers code = {1, 0};
  Written& add(int opcode, const std::vector<Place>& outs, const std::vector<Place>& ins, const Numbers& attributes) {
    for (const double number : {(double)opcode, (double)outs.size(), (double)ins.size(), (double)attributes.size()}) code.push_back(number);
    for (const auto* places : {&outs, &ins})
      for (const Place& place : *places)
        for (const double number : {(double)place.region, (double)place.offset, (double)place.count, (double)place.layout}) code.push_back(number);
    code.insert(code.end(), attributes.begin(), attributes.end());
    code[1]++;
    return *this;
  }
};

constexpr ProgramOptions limits = {16, 256, 4096, 1, 2, 2, -1, nullptr, 0};

// y = relu(W x), 8 numbers to 4, one more sink for the first weight.
inline Written layer() {
  Written program;
  program.add(load, {{scratchRegion, 0, 8, featureMajor}}, {}, {0});
  program.add(product, {{scratchRegion, 1024, 4, featureMajor}}, {{stateRegion, 0, 32, staticLayout}, {scratchRegion, 0, 8, featureMajor}},
              {4, -1, 8, 0, 4, -1, 1, 4, 1, 0, 0, 1, 11, 1, 0, 0, 0, 0});
  program.add(store, {}, {{scratchRegion, 1024, 4, featureMajor}}, {0});
  program.add(store, {}, {{stateRegion, 0, 1, staticLayout}}, {1});
  return program;
}

// A layer with its memory.
struct Work {
  explicit Work(long guard = -1, long stepCount = 40) : sinks{std::vector<float>((size_t)(4 * 16 * stepCount)), std::vector<float>((size_t)stepCount)} {
    ProgramOptions options = limits;
    options.guard = guard;
    const Numbers code = layer().code;
    program = Program::decode(code.data(), code.size(), options, message);
    data.resize(8 * 16 * (size_t)stepCount);
    for (float& value : data) value = uniform();
    for (float& value : state) value = uniform();
    for (long step = 0; step < stepCount; step++) batches.push_back((int32_t)(16 * step)), batches.push_back(16);
    hyper.resize((size_t)stepCount);
  }
  bool bind() {
    Binding binding;
    binding.state = state.data();
    binding.scratch = scratch.data();
    binding.sources = {{data.data(), Element::float32, width, (long)data.size() / 8, 1, 0, checked}, {nullptr, Element::float32, 1, 0, 1, 0, false}};
    binding.sinks = {{sinks[0].data(), (long)sinks[0].size()}, {sinks[1].data(), (long)sinks[1].size()}};
    binding.order = order.empty() ? nullptr : order.data();
    binding.orderLength = (long)order.size();
    binding.batches = batches.data();
    binding.steps = (long)batches.size() / 2;
    binding.hyper = hyper.data();
    message.clear();
    return program->bind(std::move(binding), message);
  }
  RunResult run(long begin, long end) { return runSteps(*program, {begin, end, 0, 1, false}, control, team, 2); }
  void expectStop(const char* part) {
    const std::string said = bind() ? cases::sentenceOf(run(0, 2)) : message;
    check(said.find(part) != std::string::npos, "expected '%s' but received '%s'", part, said.c_str());
  }

  std::unique_ptr<Program> program;
  std::string message;
  std::vector<float> state = std::vector<float>(256), scratch = std::vector<float>(4096), data, hyper, sinks[2];
  std::vector<int32_t> order, batches;
  long width = 8;
  bool checked = false;
  RunControl control;
  Team team{2};
};

}  // namespace written

// Products whose chains store them as they are.
void testProductStores();
