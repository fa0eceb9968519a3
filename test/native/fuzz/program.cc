// Fuzzer of programs: any numbers are refused with a sentence or run within the memory that was announced.
#include "structure.h"

using namespace densely;
using namespace densely::cases;

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t mostSize);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  run(readNumbers(data, size), {1 << 16, 6e5, false});
  return 0;
}

namespace {

// The case last mutated, whose instructions others borrow.
Structure lender;

size_t give(const Structure& structure, uint8_t* data, size_t mostSize) {
  const std::vector<uint8_t> bytes = writeNumbers(flatten(structure));
  if (bytes.size() > mostSize) return 0;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t mostSize, unsigned seed) {
  Engine engine(seed + 1);
  Structure structure = parse(readNumbers(data, size));
  if (structure.header.empty()) structure.header = {20, 0, 0, 0, 1, 1, -1, 4, (double)(seed % 1000), 19, 20, 0};
  if (seed % 16 == 0) return LLVMFuzzerMutate(data, size, mostSize);
  for (long changes = 1 + (long)(engine() % 4); changes > 0; changes--) mutate(structure, lender, engine);
  if (seed % 4 == 0) lender = structure;
  const size_t length = give(structure, data, mostSize);
  return length > 0 ? length : LLVMFuzzerMutate(data, size, mostSize);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* first, size_t firstSize, const uint8_t* second, size_t secondSize, uint8_t* data, size_t mostSize, unsigned seed) {
  Engine engine(seed + 1);
  Structure structure = parse(readNumbers(first, firstSize));
  const Structure other = parse(readNumbers(second, secondSize));
  if (structure.header.empty() || other.instructions.empty()) return 0;
  const size_t at = engine() % other.instructions.size(), count = 1 + engine() % (other.instructions.size() - at);
  structure.instructions.insert(structure.instructions.end(), other.instructions.begin() + (long)at, other.instructions.begin() + (long)(at + count));
  for (const Header i : {stateLengthAt, scratchLengthAt, hyperCountAt, sourceCountAt, sinkCountAt, constantsLengthAt}) structure.header[i] = std::max(structure.header[i], other.header[i]);
  return give(structure, data, mostSize);
}
