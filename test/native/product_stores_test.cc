// Tests of products whose chains store them as they are.
#include <algorithm>
#include <cmath>

#include "written_program.h"

using namespace written;

// A product may write an out itself only where that is the same: its chain's operations on it and on others' memory come out as written.
void testProductStores() {
  const Place x = {scratchRegion, 0, 8, featureMajor}, first = {scratchRegion, 1024, 4, featureMajor}, second = {scratchRegion, 2048, 4, featureMajor}, old = {scratchRegion, 3072, 4, featureMajor};
  const Place weights = {stateRegion, 0, 32, staticLayout};
  // Values of the chain: the product, perhaps a full input, the outs, perhaps a register.
  const auto results = [&](const std::vector<Place>& outs, const std::vector<Place>& inputs, long registers, const Numbers& operations) {
    Written program;
    std::vector<Place> ins = {weights, x};
    ins.insert(ins.end(), inputs.begin(), inputs.end());
    Numbers attributes = {4, -1, 8, 0, 4, -1, 1 + (double)inputs.size(), 4};
    for (size_t i = 0; i < inputs.size(); i++) attributes.push_back(0);
    attributes.push_back((double)outs.size());
    for (size_t i = 0; i < outs.size(); i++) attributes.push_back(0);
    attributes.push_back((double)registers);
    attributes.push_back((double)operations.size() / 6);
    attributes.insert(attributes.end(), operations.begin(), operations.end());
    program.add(load, {x}, {}, {0}).add(product, outs, ins, attributes);
    for (size_t i = 0; i < outs.size(); i++) program.add(store, {}, {outs[i]}, {(double)i});
    Work work;
    work.program = Program::decode(program.code.data(), program.code.size(), limits, work.message);
    for (auto& sink : work.sinks) sink.resize(4 * 16 * 40);
    for (long i = 0; i < 4 * 16; i++) work.scratch[(size_t)(3072 + i)] = (float)(1 + i);
    check(work.program && work.bind() && work.run(0, 1).next == 1, "a product with its chain: %s", work.message.c_str());
    // How far each out is from each of the three results that it may be.
    double worst[2][3] = {};
    for (long r = 0; r < 16; r++)
      for (long o = 0; o < 4; o++) {
        double sum = 0;
        for (long i = 0; i < 8; i++) sum += (double)work.state[(size_t)(o * 8 + i)] * (double)work.data[(size_t)(r * 8 + i)];
        const double before = (double)(1 + o * 16 + r), wanted[3] = {sum, -sum, sum + before};
        for (size_t out = 0; out < outs.size(); out++)
          for (int kind = 0; kind < 3; kind++) worst[out][kind] = std::max(worst[out][kind], std::fabs((double)work.sinks[out][(size_t)(r * 4 + o)] - wanted[kind]));
      }
    std::string kinds;
    for (size_t out = 0; out < outs.size(); out++)
      for (int kind = 0; kind < 3; kind++)
        if (worst[out][kind] < 1e-4) kinds += "pns"[kind];
    return kinds;  // of each out: p is the product, n its negative, s the product and what was in `old` before
  };
  const auto expectResults = [&](const std::string& got, const char* expected, const char* what) { check(got == expected, "%s: %s instead of %s", what, got.c_str(), expected); };
  expectResults(results({first}, {}, 0, {copyOperation, 1, 0, 0, 0, 0}), "p", "the product as it is");
  expectResults(results({first, second}, {}, 0, {copyOperation, 1, 0, 0, 0, 0, negateOperation, 2, 0, 0, 0, 0}), "pn", "the product and its negative");
  expectResults(results({first}, {}, 0, {negateOperation, 1, 0, 0, 0, 0, copyOperation, 1, 0, 0, 0, 0}), "p", "an out written twice");
  expectResults(results({first}, {}, 1, {copyOperation, 2, 0, 0, 0, 0, negateOperation, 1, 2, 0, 0, 0}), "n", "a copy in a register");
  expectResults(results({first, second}, {}, 0, {negateOperation, 1, 0, 0, 0, 0, copyOperation, 2, 1, 0, 0, 0}), "nn", "a copy of another value");
  expectResults(results({first, second}, {old}, 0, {addOperation, 2, 0, 1, 0, 0, copyOperation, 3, 0, 0, 0, 0}), "sp", "a sum and the product");
  expectResults(results({first, old}, {old}, 0, {addOperation, 2, 0, 1, 0, 0, copyOperation, 3, 0, 0, 0, 0}), "sp", "the product in place of what was added to it");
}
