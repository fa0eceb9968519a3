// Cases as structures, and changes of them.
#include "structure.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"

namespace densely::cases {

namespace {

constexpr size_t operandLength = 4;

long pick(Engine& engine, long lowest, long highest) { return std::uniform_int_distribution<long>(lowest, highest)(engine); }

template <class List>
auto& oneOf(List& list, Engine& engine) { return list[(size_t)pick(engine, 0, (long)std::size(list) - 1)]; }

// A number as a whole one between others; what is no number is the lowest.
long bounded(double number, long lowest, long highest) { return number >= (double)lowest ? (long)std::min(number, (double)highest) : lowest; }

double oddNumber(Engine& engine) {
  static const double odd[] = {-2, -1, 0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 31, 33, 64, 100, 255, 256, 257, 512, 1000, 4097, 16384, 16385, 100000, 0.5, -16,
                               2147483647, 2147483648, -2147483647, 4294967295, 4294967296, 35184372088832, 9007199254740992, 1e300, -1e300, NAN, INFINITY, -INFINITY};
  return oneOf(odd, engine);
}

void changeNumber(double& number, const Numbers& all, Engine& engine) {
  switch (pick(engine, 0, 5)) {
    case 0: number = oddNumber(engine); break;
    case 1: number += pick(engine, 0, 1) ? 1 : -1; break;
    case 2: number += pick(engine, 0, 1) ? 16 : -16; break;
    case 3: number = oneOf(all, engine); break;
    case 4: number *= pick(engine, 2, 3); break;
    default: number = (double)pick(engine, 0, 40);
  }
}

// Calls change(number) for every number of the structure, the header included.
template <class Change>
void forEach(Structure& structure, Change change) {
  for (double& number : structure.header) change(number);
  for (Instruction& instruction : structure.instructions) {
    change(instruction.opcode);
    for (auto* operands : {&instruction.outs, &instruction.ins})
      for (Numbers& operand : *operands) std::for_each(operand.begin(), operand.end(), change);
    std::for_each(instruction.attributes.begin(), instruction.attributes.end(), change);
  }
}

Numbers* someOperand(Structure& structure, Engine& engine) {
  std::vector<Numbers*> all;
  for (Instruction& instruction : structure.instructions)
    for (auto* operands : {&instruction.outs, &instruction.ins})
      for (Numbers& operand : *operands) all.push_back(&operand);
  return all.empty() ? nullptr : oneOf(all, engine);
}

double reserved(const Structure& structure, const Numbers& operand) {
  return operand[3] == staticLayout ? operand[2] : operand[2] * (double)roundUp(bounded(structure.header[maxRowsAt], 1, 1000000000), lanes);
}

// The regions end where the last operand ends, so that a float too far is a float beyond.
void tighten(Structure& structure) {
  double ends[2] = {0, 0};
  for (const Instruction& instruction : structure.instructions)
    for (const auto* operands : {&instruction.outs, &instruction.ins})
      for (const Numbers& operand : *operands)
        if (operand[0] == stateRegion || operand[0] == scratchRegion) ends[(int)operand[0]] = std::max(ends[(int)operand[0]], operand[1] + reserved(structure, operand));
  structure.header[stateLengthAt] = ends[stateRegion];
  structure.header[scratchLengthAt] = ends[scratchRegion];
}

// A value goes by another wherever it stands, as when a layer gets another width.
void rename(Structure& structure, Engine& engine) {
  const Numbers* operand = someOperand(structure, engine);
  if (!operand) return;
  const double from = (*operand)[2], to = pick(engine, 0, 3) ? (double)pick(engine, 1, 40) : oddNumber(engine);
  forEach(structure, [&](double& number) { number = number == from ? to : number == -from && from > 1 ? -to : number; });
}

// Places all operands anew, one after the other; what was the same place stays the same place.
void spread(Structure& structure) {
  double next[2] = {0, 0};
  std::vector<Numbers> before;
  Numbers places;
  for (Instruction& instruction : structure.instructions)
    for (auto* operands : {&instruction.outs, &instruction.ins})
      for (Numbers& operand : *operands) {
        if (operand[0] != stateRegion && operand[0] != scratchRegion) continue;
        const auto known = std::find_if(before.begin(), before.end(), [&](const Numbers& other) { return other[0] == operand[0] && other[1] == operand[1] && other[2] == operand[2]; });
        if (known != before.end()) {
          operand[1] = places[(size_t)(known - before.begin())];
          continue;
        }
        before.push_back(operand);
        double& end = next[(int)operand[0]];
        places.push_back(end);
        operand[1] = end;
        end = std::ceil((end + reserved(structure, operand)) / lanes) * lanes;
      }
}

// Makes random instructions that keep the rules.
class Maker {
 public:
  Maker(Structure& structure, Engine& engine) : structure(structure), engine(engine) {}

  void make() {
    made.opcode = (double)pick(engine, 0, instructionCount - 1);
    switch ((int)made.opcode) {
      case 0: return load();
      case 1: return store();
      case 2: return product(false);
      case 3: return chain();
      case 4: return reduce();
      case 5: return expand();
      case 6: return transpose();
      case 7: return join();
      case 8: return softmax();
      case 9: return crossEntropy();
      case 10: return labels(true);
      case 11: return labels(false);
      case 12: return draw();
      default: return product(true);
    }
  }

  Instruction made;

 private:
  // Mostly small, now and then so large that lines are cut; `rows` perhaps -1.
  long size() { return pick(engine, 0, 15) ? pick(engine, 1, pick(engine, 0, 3) ? 9 : 70) : pick(engine, 1, 2) * pick(engine, 1, 9000); }
  bool chance(int of) { return pick(engine, 0, of - 1) == 0; }
  long sourceCount() const { return bounded(structure.header[sourceCountAt], 1, 16); }

  static int layoutOf(long lines, long columns) { return columns < 0 ? featureMajor : lines < 0 ? exampleMajor : staticLayout; }
  static double countOf(long lines, long columns) { return (double)(columns < 0 ? lines : lines < 0 ? columns : lines * columns); }

  // An operand at the end of the scratch memory, or a known one of this kind.
  Numbers operand(double count, int layout, bool write) {
    if (!write && chance(2)) {
      for (const Instruction& instruction : structure.instructions)
        for (const auto* operands : {&instruction.outs, &instruction.ins})
          for (const Numbers& known : *operands)
            if (known[2] == count && known[3] == layout && chance(2)) return known;
    }
    const int region = write || chance(2) ? (chance(4) ? stateRegion : scratchRegion) : scratchRegion;
    double& end = structure.header[region == stateRegion ? stateLengthAt : scratchLengthAt];
    Numbers place = {(double)region, end, count, (double)layout};
    end += reserved(structure, place);
    return place;
  }
  void in(double count, int layout) { made.ins.push_back(operand(count, layout, false)); }
  void out(double count, int layout) { made.outs.push_back(operand(count, layout, true)); }

  void load() {
    const double width = (double)size();
    if (structure.header[sourceCountAt] == 0) structure.header[sourceCountAt]++;
    made.attributes = {(double)pick(engine, 0, sourceCount() - 1)};
    const int layout = (int)pick(engine, staticLayout, exampleMajor);
    out(width, layout);
    if (layout == featureMajor && chance(2)) out(width, exampleMajor);
  }

  void store() {
    if (structure.header[sinkCountAt] == 0) structure.header[sinkCountAt]++;
    made.attributes = {(double)pick(engine, 0, bounded(structure.header[sinkCountAt], 1, 16) - 1)};
    in((double)size(), chance(2) ? featureMajor : staticLayout);
  }

  void product(bool bfloat16) {
    long M = size(), N = size(), K = size();
    const long which = pick(engine, 0, 3);
    (which == 0 ? M : which == 1 ? N : K) = which == 3 ? K : -1;
    const bool transposed = chance(2), keeps = bfloat16 && M > 0 && K > 0 && chance(2);
    made.attributes = {(double)M, (double)N, (double)K, (double)transposed};
    if (bfloat16) made.attributes.push_back(keeps);
    transposed ? in(countOf(K, M), layoutOf(K, M)) : in(countOf(M, K), layoutOf(M, K));
    in(countOf(K, N), layoutOf(K, N));
    chainOver(M, N, true);
  }

  void chain() {
    long lines = size(), columns = size();
    if (chance(2)) columns = -1;
    else if (chance(3)) lines = -1;
    chainOver(lines, columns, false);
  }

  void chainOver(long lines, long columns, bool hasProduct) {
    Numbers kinds, outKinds, operations;
    if (hasProduct) kinds.push_back(4);
    for (long more = pick(engine, hasProduct ? 0 : 1, 3); more > 0; more--) kinds.push_back((double)pick(engine, 0, 3));
    if (!hasProduct) kinds[0] = 0;
    for (long more = pick(engine, 1, 3); more > 0; more--) outKinds.push_back(chance(4));
    for (const double kind : kinds) {
      if (kind == 0) in(countOf(lines, columns), layoutOf(lines, columns));
      else if (kind == 1) in((double)std::max(lines, 1L), lines < 0 ? featureMajor : staticLayout);
      else if (kind == 2) in((double)std::max(columns, 1L), columns < 0 ? featureMajor : staticLayout);
      else if (kind == 3) in(1, staticLayout);
    }
    for (const double kind : outKinds) kind == 0 ? out(countOf(lines, columns), layoutOf(lines, columns)) : out((double)std::max(lines, 1L), lines < 0 ? featureMajor : staticLayout);
    const long registers = pick(engine, 0, 3), firstOut = (long)kinds.size(), firstRegister = firstOut + (long)outKinds.size();
    // Values that may be read: inputs, and registers already written.
    std::vector<long> readable;
    for (long i = 0; i < firstOut; i++) readable.push_back(i);
    const auto operation = [&](long op, long destination) {
      for (const double part : {(double)op, (double)destination, (double)oneOf(readable, engine), (double)oneOf(readable, engine), (double)oneOf(readable, engine), 0.25 * (double)pick(engine, -4, 4)}) {
        operations.push_back(part);
      }
    };
    for (long i = 0; i < registers; i++) {
      operation(pick(engine, 0, elementwiseCount - 2), firstRegister + i);
      readable.push_back(firstRegister + i);
    }
    for (long i = 0; i < (long)outKinds.size(); i++) operation(outKinds[(size_t)i] != 0 ? elementwiseCount - 1 : pick(engine, 0, 2) ? pick(engine, 0, elementwiseCount - 2) : 0, firstOut + i);
    for (const double number : {(double)lines, (double)columns, (double)kinds.size()}) made.attributes.push_back(number);
    append(kinds);
    made.attributes.push_back((double)outKinds.size());
    append(outKinds);
    made.attributes.push_back((double)registers);
    made.attributes.push_back((double)operations.size() / 6);
    append(operations);
  }
  void append(const Numbers& numbers) { made.attributes.insert(made.attributes.end(), numbers.begin(), numbers.end()); }

  void reduce() {
    const double kind = (double)pick(engine, 0, 1), a = (double)size(), b = (double)size(), c = (double)size();
    switch (pick(engine, 0, 3)) {
      case 0: made.attributes = {kind, -1, a, b}, in(a * b, exampleMajor), out(b, exampleMajor); break;
      case 1: made.attributes = {kind, a, -1, 1}, in(a, featureMajor), out(a, staticLayout); break;
      case 2: made.attributes = {kind, a, b, -c}, in(a * b * c, featureMajor), out(a * c, featureMajor); break;
      default: made.attributes = {kind, a, b, c}, in(a * b * c, staticLayout), out(a * c, staticLayout);
    }
  }

  void expand() {
    const double a = (double)size(), b = (double)size(), c = (double)size();
    switch (pick(engine, 0, 3)) {
      case 0: made.attributes = {-1, a, b}, in(b, exampleMajor), out(a * b, exampleMajor); break;
      case 1: made.attributes = {a, -1, 1}, in(a, staticLayout), out(a, featureMajor); break;
      case 2: made.attributes = {a, b, -c}, in(a * c, featureMajor), out(a * b * c, featureMajor); break;
      default: made.attributes = {a, b, c}, in(a * c, staticLayout), out(a * b * c, staticLayout);
    }
  }

  void transpose() {
    const double o = (double)pick(engine, 1, 3), a = (double)size(), b = (double)size(), c = (double)size();
    switch (pick(engine, 0, 3)) {
      case 0: made.attributes = {1, a, -1, 1}, in(a, featureMajor), out(a, exampleMajor); break;
      case 1: made.attributes = {1, -1, b, 1}, in(b, exampleMajor), out(b, featureMajor); break;
      case 2: made.attributes = {o, a, b, -c}, in(o * a * b * c, featureMajor), out(o * a * b * c, featureMajor); break;
      default: made.attributes = {o, a, b, c}, in(o * a * b * c, staticLayout), out(o * a * b * c, staticLayout);
    }
  }

  void join() {
    const bool rows = chance(2);
    const long outer = pick(engine, 1, 4), inner = size();
    const int layout = rows ? featureMajor : staticLayout;
    long at = 0;
    Numbers parts;
    for (long more = pick(engine, 1, 3); more > 0; more--) {
      const long part = size(), begin = pick(engine, 0, part - 1), end = pick(engine, begin + 1, part);
      at += pick(engine, 0, 2);
      for (const long number : {part, begin, end, at}) parts.push_back((double)number);
      in((double)(outer * part * inner), layout);
      at += end - begin;
    }
    at += pick(engine, 0, 2);
    out((double)(outer * at * inner), layout);
    made.attributes = {(double)outer, (double)(rows ? -inner : inner), (double)at};
    append(parts);
  }

  void softmax() {
    const double kind = (double)pick(engine, 0, 2), outer = (double)size(), k = (double)size(), inner = (double)size();
    const bool total = kind == 2;
    switch (pick(engine, 0, 2)) {
      case 0: made.attributes = {kind, -1, k, inner}, in(k * inner, exampleMajor), out(total ? inner : k * inner, exampleMajor); break;
      case 1: made.attributes = {kind, outer, k, -inner}, in(outer * k * inner, featureMajor), out(total ? outer * inner : outer * k * inner, featureMajor); break;
      default: made.attributes = {kind, outer, k, inner}, in(outer * k * inner, staticLayout), out(total ? outer * inner : outer * k * inner, staticLayout);
    }
  }

  void crossEntropy() {
    const double k = (double)size(), sparse = (double)pick(engine, 0, 1);
    made.attributes = {k, sparse};
    in(k, featureMajor);
    in(sparse != 0 ? 1 : k, featureMajor);
    out(1, featureMajor);
    if (chance(2)) out(k, featureMajor);
  }

  void labels(bool oneHot) {
    const double k = (double)size();
    made.attributes = {k};
    in(oneHot ? 1 : k, featureMajor);
    out(oneHot ? k : 1, featureMajor);
  }

  void draw() {
    made.attributes = {(double)pick(engine, 0, 99), (double)pick(engine, 0, 99), 4294967295.0};
    out((double)size(), chance(2) ? featureMajor : staticLayout);
  }

  Structure& structure;
  Engine& engine;
};

}  // namespace

Structure parse(const Numbers& numbers) {
  Structure structure;
  if (numbers.size() < headerLength) return structure;
  structure.header.assign(numbers.begin(), numbers.begin() + headerLength);
  for (size_t at = headerLength + 2; at + 4 <= numbers.size();) {
    const double *counts = &numbers[at + 1], left = (double)(numbers.size() - at - 4);
    for (int i = 0; i < 3; i++)
      if (!(counts[i] >= 0 && counts[i] <= left)) return structure;
    const size_t outCount = (size_t)counts[0], inCount = (size_t)counts[1], attributeCount = (size_t)counts[2];
    if ((double)((outCount + inCount) * operandLength + attributeCount) > left) return structure;
    Instruction instruction;
    instruction.opcode = numbers[at];
    auto from = numbers.begin() + (long)at + 4;
    for (size_t i = 0; i < outCount; i++, from += operandLength) instruction.outs.emplace_back(from, from + operandLength);
    for (size_t i = 0; i < inCount; i++, from += operandLength) instruction.ins.emplace_back(from, from + operandLength);
    instruction.attributes.assign(from, from + (long)attributeCount);
    structure.instructions.push_back(std::move(instruction));
    at += 4 + (outCount + inCount) * operandLength + attributeCount;
  }
  return structure;
}

Numbers flatten(const Structure& structure) {
  Numbers numbers = structure.header;
  numbers.push_back(1);
  numbers.push_back((double)structure.instructions.size());
  for (const Instruction& instruction : structure.instructions) {
    for (const double number : {instruction.opcode, (double)instruction.outs.size(), (double)instruction.ins.size(), (double)instruction.attributes.size()}) numbers.push_back(number);
    for (const auto* operands : {&instruction.outs, &instruction.ins})
      for (const Numbers& operand : *operands) numbers.insert(numbers.end(), operand.begin(), operand.end());
    numbers.insert(numbers.end(), instruction.attributes.begin(), instruction.attributes.end());
  }
  return numbers;
}

void appendInstruction(Structure& structure, Engine& engine) {
  Maker maker(structure, engine);
  maker.make();
  structure.instructions.push_back(std::move(maker.made));
}

void mutate(Structure& structure, const Structure& other, Engine& engine) {
  auto& list = structure.instructions;
  Numbers all = flatten(structure);
  switch (pick(engine, 0, 11)) {
    case 0: changeNumber(oneOf(structure.header, engine), all, engine); break;
    case 1: structure.header[flagsAt] = (double)(bounded(structure.header[flagsAt], 0, 1023) ^ (1L << pick(engine, 0, 9))); break;
    case 2: {
      const double rows = pick(engine, 0, 7) ? (double)pick(engine, 1, 40) : oddNumber(engine);
      structure.header[(size_t)pick(engine, firstRowsAt, secondRowsAt)] = rows;
      if (pick(engine, 0, 1)) structure.header[maxRowsAt] = rows;
      break;
    }
    case 3: if (Numbers* operand = someOperand(structure, engine)) changeNumber(oneOf(*operand, engine), all, engine); break;
    case 4: {
      if (list.empty()) break;
      Instruction& instruction = oneOf(list, engine);
      if (instruction.attributes.empty() || pick(engine, 0, 9) == 0) changeNumber(instruction.opcode, all, engine);
      else changeNumber(oneOf(instruction.attributes, engine), all, engine);
      break;
    }
    case 5: if (!list.empty()) list.erase(list.begin() + pick(engine, 0, (long)list.size() - 1)); break;
    case 6: if (!list.empty()) list.insert(list.begin() + pick(engine, 0, (long)list.size()), Instruction(oneOf(list, engine))); break;
    case 7: if (!other.instructions.empty()) list.insert(list.begin() + pick(engine, 0, (long)list.size()), oneOf(other.instructions, engine)); break;
    case 8: rename(structure, engine); break;
    case 9: if (!list.empty()) std::swap(oneOf(list, engine), oneOf(list, engine)); break;
    default: appendInstruction(structure, engine);
  }
  if (pick(engine, 0, 2) == 0) spread(structure);
  if (pick(engine, 0, 1) == 0) tighten(structure);
}

}  // namespace densely::cases
