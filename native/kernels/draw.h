// Uniform random numbers: a function of seed, key, step and position alone.
#pragma once
#include "../reader.h"

namespace densely {

void makeDraw(Reader& reader, Stages& stages);

}  // namespace densely
