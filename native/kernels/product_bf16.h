// Matrix products whose operands are rounded to bfloat16, with a chain as epilogue.
#pragma once
#include "../reader.h"

namespace densely {

// `copiesHold`: whether what was packed of operands that the program never writes is still theirs, for the program to keep.
void makeProductBfloat16(Reader& reader, Stages& stages, const bool* copiesHold);

}  // namespace densely
