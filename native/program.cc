// Decodes a program from its encoding (written by lib/compile/encode.ts), verifies it, and prepares it for runs.
#include "program.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "kernels/chain.h"
#include "kernels/draw.h"
#include "kernels/join.h"
#include "kernels/labels.h"
#include "kernels/load.h"
#include "kernels/product.h"
#include "kernels/product_bf16.h"
#include "kernels/reduce.h"
#include "kernels/shape.h"
#include "kernels/softmax.h"
#include "kernels/store.h"
#include "pages.h"

namespace densely {

// Most floats of minibatches that every thread keeps for itself: beyond, they would not stay in its cache.
constexpr long mostOwnFloats = 1 << 20;

enum Opcode : int { load, store, product, chain, reduce, expand, transpose, join, softmax, softmaxCrossEntropy, oneHot, argmax, draw, productBfloat16 };
const char* const instructionNames[] = {"load", "store", "product", "chain", "reduce", "expand", "transpose", "join", "softmax", "softmaxCrossEntropy", "oneHot", "argmax", "draw", "productBfloat16"};
const int instructionCount = productBfloat16 + 1;

static size_t bytesOf(long length) { return (size_t)roundUp(std::max(length, 1L), lanes) * sizeof(float); }

Floats::~Floats() { freeZeroed(memory, bytesOf(size)); }
Floats::Floats(Floats&& other) noexcept : memory(std::exchange(other.memory, nullptr)), size(std::exchange(other.size, 0)) {}
Floats& Floats::operator=(Floats&& other) noexcept {
  std::swap(memory, other.memory);
  std::swap(size, other.size);
  return *this;
}

void Floats::allocate(long length) {
  float* const fresh = static_cast<float*>(allocateZeroed(bytesOf(length)));
  if (!fresh) throw std::bad_alloc();
  freeZeroed(std::exchange(memory, fresh), bytesOf(size));
  size = length;
}

static void makeStages(int opcode, Reader& reader, Program& program) {
  Stages& stages = program.stages;
  switch (opcode) {
    case load: return makeLoad(reader, stages, program.sourceUses);
    case store: return makeStore(reader, stages, program.sinkUses);
    case product: return makeProduct(reader, stages);
    case chain: return makeChain(reader, stages);
    case reduce: return makeReduce(reader, stages);
    case expand: return makeExpand(reader, stages);
    case transpose: return makeTranspose(reader, stages);
    case join: return makeJoin(reader, stages);
    case softmax: return makeSoftmax(reader, stages);
    case softmaxCrossEntropy: return makeSoftmaxCrossEntropy(reader, stages);
    case oneHot: return makeOneHot(reader, stages);
    case argmax: return makeArgmax(reader, stages);
    case draw: return makeDraw(reader, stages);
    default: return makeProductBfloat16(reader, stages, &program.copiesHold);
  }
}

// Reads operands and attributes of the instruction at `at`, whose four counts are known to be there.
bool Program::decodeInstruction(Reader& reader, const double* code, size_t length, size_t& at) {
  const double *counts = code + at + 1;
  for (int i = 0; i < 3; i++) {
    if (!(counts[i] >= 0 && counts[i] <= (double)length && counts[i] == std::floor(counts[i]))) {
      reader.fail("expected the number of outs, ins or attributes but received %g", counts[i]);
      return false;
    }
  }
  const size_t outCount = (size_t)counts[0], inCount = (size_t)counts[1], attributeCount = (size_t)counts[2];
  at += 4;
  if (outCount * 4 + inCount * 4 + attributeCount > length - at) {
    reader.fail("its %zu outs, %zu ins and %zu attributes leave the code of %zu numbers", outCount, inCount, attributeCount, length);
    return false;
  }
  for (size_t i = 0; i < outCount; i++, at += 4) reader.outs.push_back(reader.operand(code + at, true));
  for (size_t i = 0; i < inCount; i++, at += 4) reader.ins.push_back(reader.operand(code + at, false));
  reader.attributes.assign(code + at, code + at + attributeCount);
  at += attributeCount;
  return !reader.failed();
}

std::unique_ptr<Program> Program::decode(const double* code, size_t length, const ProgramOptions& options, std::string& message) {
  auto program = std::make_unique<Program>();
  Program& p = *program;
  p.limits = {options.maxRows, {options.stateLength, options.scratchLength, options.constantsLength, 2 + options.hyperCount, 0}, options.sourceCount, options.sinkCount};
  p.hyperCount = options.hyperCount;
  p.guard = options.guard;
  p.sourceUses.resize((size_t)options.sourceCount);
  p.sinkUses.resize((size_t)options.sinkCount);
  if (length < 2 || code[0] != 1) {
    message = "[native] expected a program of encoding version 1";
    return nullptr;
  }
  size_t at = 2;
  long index = 0;
  for (; at + 4 <= length; index++) {
    const double opcode = code[at];
    const bool known = opcode >= 0 && opcode < instructionCount && opcode == std::floor(opcode);
    Reader reader(p.limits, known ? instructionNames[(int)opcode] : "unknown", index);
    reader.partialsLength = p.partialsLength;
    p.instructions.push_back(p.stages.size());
    if (!known) reader.fail("expected an opcode below %d but received %g", instructionCount, opcode);
    if (known && p.decodeInstruction(reader, code, length, at)) makeStages((int)opcode, reader, p);
    if (reader.failed()) {
      message = reader.message;
      return nullptr;
    }
    p.partialsLength = reader.partialsLength;
  }
  p.instructions.push_back(p.stages.size());
  if (at != length || (double)index != code[1]) {
    message = "[native] the code of " + std::to_string(length) + " numbers does not hold the number of instructions it announces but " + std::to_string(index);
    return nullptr;
  }
  if (p.guard >= 0 && !(p.sinkUses[(size_t)p.guard].fixed && p.sinkUses[(size_t)p.guard].count == 1)) {
    message = "[native] expected the guard, sink " + std::to_string(p.guard) + ", to be written with one number per step";
    return nullptr;
  }
  if (!p.checkOverlaps(message)) return nullptr;
  for (const auto& stage : p.stages) {
    p.tileFloats = std::max(p.tileFloats, stage->tileFloats);
    p.blockFloats = std::max(p.blockFloats, stage->blockFloats);
  }
  p.constants.allocate(options.constantsLength);
  p.step.allocate(2 + options.hyperCount);
  p.partials.allocate(p.partialsLength);
  if (options.constantsLength > 0) std::memcpy(p.constants.data(), options.constants, (size_t)options.constantsLength * sizeof(float));
  p.linkLoads();
  p.findPhases();
  return program;
}

static long reservedLength(const Operand& operand, long maxRows) {
  return operand.layout == staticLayout ? operand.count : operand.count * roundUp(maxRows, lanes);
}

static bool overlap(const Operand& a, const Operand& b, long maxRows) {
  return a.region == b.region && a.offset < b.offset + reservedLength(b, maxRows) && b.offset < a.offset + reservedLength(a, maxRows);
}

// Outs lie apart from each other and from the ins, but for a chain that works in place.
bool Program::checkOverlaps(std::string& message) const {
  for (size_t instruction = 0; instruction + 1 < instructions.size(); instruction++) {
    for (size_t s = instructions[instruction]; s < instructions[instruction + 1]; s++) {
      const Stage& stage = *stages[s];
      for (size_t o = 0; o < stage.outs.size(); o++) {
        const Operand& out = stage.outs[o];
        bool apart = true;
        for (size_t other = 0; other < o; other++) apart = apart && !overlap(out, stage.outs[other], limits.maxRows);
        for (size_t i = 0; i < stage.ins.size(); i++) {
          const Operand& in = stage.ins[i];
          const bool same = in.offset == out.offset && in.count == out.count && in.layout == out.layout;
          apart = apart && (!overlap(out, in, limits.maxRows) || (same && stage.mayShare(o, i)));
        }
        if (apart) continue;
        message = "[native] instruction " + std::to_string(instruction) + ": out " + std::to_string(o) + " overlaps another operand";
        return false;
      }
    }
  }
  return true;
}

// Tells loads who reads what they gather: where it is products of the same step alone, they need not go through common memory, or read
// the examples where they lie.
void Program::linkLoads() {
  for (size_t l = 0; l < stages.size(); l++) {
    Load* load = stages[l]->asLoad();
    if (!load) continue;
    std::vector<std::pair<Stage*, size_t>> readers[2];
    bool known = true;
    for (size_t o = 0; o < load->outs.size(); o++) {
      const Operand& out = load->outs[o];
      // What outlives the step has to be in common memory.
      known = known && out.region == scratchRegion;
      for (size_t s = 0; s < l; s++)
        for (const Operand& in : stages[s]->ins) known = known && !overlap(in, out, limits.maxRows);
      bool there = true;
      for (size_t s = l + 1; s < stages.size() && there; s++) {
        for (size_t i = 0; i < stages[s]->ins.size(); i++) {
          const Operand& in = stages[s]->ins[i];
          if (!overlap(in, out, limits.maxRows)) continue;
          known = known && in.offset == out.offset && in.count == out.count && in.layout == out.layout;
          readers[o].push_back({stages[s].get(), i});
        }
        for (const Operand& other : stages[s]->outs) there = there && !overlap(other, out, limits.maxRows);
      }
    }
    long needed = ownFloats;
    for (const Operand& out : load->outs) needed += reservedLength(out, limits.maxRows);
    if (known) load->link(readers, limits.maxRows, needed <= mostOwnFloats ? &ownFloats : nullptr);
    if (load->hasOwn()) ownLoads.push_back(load);
  }
}

static bool conflict(const Stage& earlier, const Stage& later, long maxRows) {
  const auto touches = [&](const std::vector<Operand>& these, const std::vector<Operand>& those) {
    for (const Operand& a : these)
      for (const Operand& b : those)
        if (overlap(a, b, maxRows)) return true;
    return false;
  };
  return touches(earlier.outs, later.ins) || touches(earlier.ins, later.outs) || touches(earlier.outs, later.outs) ||
         (earlier.sink >= 0 && earlier.sink == later.sink);
}

// A phase ends before the first stage that reads or writes what an earlier stage of it writes, or writes what one reads.
void Program::findPhases() {
  phases.assign(1, 0);
  for (size_t s = 1; s < stages.size(); s++) {
    for (size_t earlier = phases.back(); earlier < s; earlier++) {
      if (!conflict(*stages[earlier], *stages[s], limits.maxRows)) continue;
      phases.push_back(s);
      break;
    }
  }
  if (!stages.empty()) phases.push_back(stages.size());
}

bool Program::bind(Binding newBinding, std::string& message) {
  for (size_t i = 0; i < sourceUses.size(); i++) {
    const SourceUse& use = sourceUses[i];
    const Source& source = newBinding.sources[i];
    if (use.width != 0 && source.width != use.width) {
      message = "[native] expected source " + std::to_string(i) + " to have a width of " + std::to_string(use.width) + " but received " + std::to_string(source.width);
    } else if (use.fixed && source.rows < 1) {
      message = "[native] expected source " + std::to_string(i) + " to hold " + std::to_string(use.width) + " numbers but received fewer";
    }
  }
  if (!message.empty()) return false;
  if (newBinding.state != binding.state) copiesHold = false;
  if (newBinding.state != binding.state || newBinding.scratch != binding.scratch) shapedRows = 0;  // stages keep addresses of their shape
  binding = std::move(newBinding);
  float* const regions[regionCount] = {binding.state, binding.scratch, constants.data(), step.data(), partials.data()};
  for (const auto& stage : stages) stage->bind(regions);
  bound = true;
  return true;
}

void Program::shape(long rows) {
  if (rows == shapedRows) return;
  for (const auto& stage : stages) stage->shape(rows);
  shapedRows = rows;
}

void Program::reserveWorkspaces(int threads) {
  while ((int)workspaces.size() < threads) {
    Floats memory;
    const long tiles = roundUp(tileFloats, lanes);
    memory.allocate(tiles + blockFloats);
    workspaces.reserve((size_t)threads);
    workspaceMemory.push_back(std::move(memory));
    float* const first = workspaceMemory.back().data();
    workspaces.push_back({first, first + tiles, nullptr});
  }
}

void Program::reserveOwn(int threads) {
  while ((int)ownMemory.size() < threads) {
    Floats memory;
    memory.allocate(ownFloats);
    ownMemory.push_back(std::move(memory));
  }
}

double Program::work(long rows) {
  if (rows == workRows) return workOfStep;
  workRows = rows;
  workOfStep = 0;
  for (const auto& stage : stages) workOfStep += stage->work(rows);
  return workOfStep;
}

long Program::ownedBytes() const {
  return (long)sizeof(float) * (constants.length() + step.length() + partials.length() + (long)workspaces.size() * (tileFloats + blockFloats) + (long)ownMemory.size() * ownFloats);
}

}  // namespace densely
