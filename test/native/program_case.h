// A program together with the memory it runs in and the steps it is asked for, all made from numbers: what fuzzers change and tests keep.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rows.h"

namespace densely::cases {

// Why a run ended; nothing where it did all it was asked for. A copy, for the program's own is that of its last run.
inline std::string sentenceOf(const RunResult& result) { return result.message ? result.message : ""; }

// The numbers before the code of the program.
enum Header : int {
  maxRowsAt, stateLengthAt, scratchLengthAt, hyperCountAt, sourceCountAt, sinkCountAt, guardAt, constantsLengthAt, seedAt, firstRowsAt, secondRowsAt, flagsAt, headerLength
};

// What is odd about the arrays that a program is given.
enum Flags : long {
  ordered = 1, bytes = 2, integers = 4, shortSources = 8, shortSinks = 16, inspected = 32, specialValues = 64, badOrder = 128, scaled = 256, threads = 512
};

using Numbers = std::vector<double>;

// Numbers as bytes: small whole ones take one, others two to nine. Any bytes are numbers; what is cut off at the end is dropped.
Numbers readNumbers(const uint8_t* data, size_t size);
std::vector<uint8_t> writeNumbers(const Numbers& numbers);

// A larger program is decoded but not run: floats of all its arrays, and operations of a step.
struct Most {
  long floats = 1 << 18;
  double work = 3e7;
  // Whether several threads must leave the bits that one leaves. So it is with what the compiler makes; but a program may read as results what
  // no instruction of the step has written, such as the common memory of a minibatch that every thread has gathered for itself.
  bool exactThreads = true;
};

// Why a case ended, and what its program left behind.
struct Outcome {
  bool taken = false;        // the program was verified and bound
  bool ran = false;          // and did all its steps
  std::string message;       // why not
  std::vector<float> state;  // afterwards
  std::vector<std::vector<float>> sinks;
};

// Decodes, verifies, binds and runs: all steps at once, step by step, instruction by instruction, and by rows where that can be. Ends the
// process where two ways differ in a bit, or where something was written that is no instruction's out. The memory a program gets is
// exactly what was announced, so that a sanitizer sees the first float beyond.
Outcome run(const Numbers& numbers, const Most& most = {});

}  // namespace densely::cases
