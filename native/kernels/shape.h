// Repetition along a dimension, and the exchange of two neighbouring dimensions.
#pragma once
#include "../reader.h"

namespace densely {

void makeExpand(Reader& reader, Stages& stages);
void makeTranspose(Reader& reader, Stages& stages);

}  // namespace densely
