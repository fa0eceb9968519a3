// The instruction `join`: parts of tensors side by side, with zeros where there is none.
#pragma once
#include "../reader.h"

namespace densely {

void makeJoin(Reader& reader, Stages& stages);

}  // namespace densely
