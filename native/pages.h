// Memory for arrays, by pages. Large pages for large arrays: kernels go down columns of weights, where every line is another page of 4 KiB.
#pragma once
#include <cstddef>

namespace densely {

// Asks the system for large pages where fresh memory holds a few of them. Only advice: without it everything works, more slowly.
void adviseLargePages(void* memory, size_t bytes);

// Zeroed memory on a cache line's boundary; null where there is none. `bytes` is a multiple of 64. What is not small has pages of its own, so
// that they go back to the system when it is freed, however the rest of the heap lies.
void* allocateZeroed(size_t bytes);
void freeZeroed(void* memory, size_t bytes);

}  // namespace densely
