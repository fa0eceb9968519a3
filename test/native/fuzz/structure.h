// Cases as structures: instructions with operands and attributes, which can be changed without breaking all rules at once.
#pragma once
#include <random>
#include <vector>

#include "program_case.h"

namespace densely::cases {

struct Instruction {
  double opcode = 0;
  std::vector<Numbers> outs, ins;  // of four numbers
  Numbers attributes;
};

struct Structure {
  Numbers header;
  std::vector<Instruction> instructions;
};

// As far as the numbers make instructions; what follows is dropped.
Structure parse(const Numbers& numbers);
// With the counts of what is there.
Numbers flatten(const Structure& structure);

using Engine = std::minstd_rand;

// Another instruction of random shape that keeps all rules, its operands at the end of the scratch memory, which grows.
void appendInstruction(Structure& structure, Engine& engine);

// One change at random; `other` lends instructions.
void mutate(Structure& structure, const Structure& other, Engine& engine);

}  // namespace densely::cases
