// Large pages for large arrays: kernels go down columns of weights, where every line is another page of 4 KiB.
#pragma once
#include <cstddef>

namespace densely {

// Asks the system for large pages where fresh memory holds a few of them. Only advice: without it everything works, more slowly.
void adviseLargePages(void* memory, size_t bytes);

}  // namespace densely
