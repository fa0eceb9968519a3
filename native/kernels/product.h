// Matrix products with a chain as epilogue, run on each tile while it is in cache.
#pragma once
#include "../reader.h"

namespace densely {

void makeProduct(Reader& reader, Stages& stages);

}  // namespace densely
