// The way in and out of a program: minibatches from data sets, results to the caller.
#pragma once
#include "../reader.h"

namespace densely {

void makeLoad(Reader& reader, Stages& stages, std::vector<SourceUse>& sources);
void makeStore(Reader& reader, Stages& stages, std::vector<SinkUse>& sinks);

}  // namespace densely
