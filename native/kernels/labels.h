// Class labels: one-hot vectors, and the class of the largest value.
#pragma once
#include "../reader.h"

namespace densely {

void makeOneHot(Reader& reader, Stages& stages);
void makeArgmax(Reader& reader, Stages& stages);

}  // namespace densely
