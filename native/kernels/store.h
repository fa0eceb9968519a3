// The way out of a program: results to the caller.
#pragma once
#include "../reader.h"

namespace densely {

void makeStore(Reader& reader, Stages& stages, std::vector<SinkUse>& sinks);

}  // namespace densely
