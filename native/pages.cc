// Memory by pages.
#include "pages.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace densely {

void adviseLargePages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#if defined(__linux__)
  constexpr uintptr_t page = 2 << 20, fewest = 2;
  const uintptr_t begin = ((uintptr_t)memory + page - 1) / page * page, end = ((uintptr_t)memory + bytes) / page * page;
  if (begin + fewest * page <= end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

// Pages of its own would hide a write beyond the end from AddressSanitizer.
#if defined(__SANITIZE_ADDRESS__)
#define DENSELY_OWN_PAGES 0
#elif defined(__has_feature)
#define DENSELY_OWN_PAGES !__has_feature(address_sanitizer)
#else
#define DENSELY_OWN_PAGES 1
#endif
#if defined(__linux__) && DENSELY_OWN_PAGES
static bool hasOwnPages(size_t bytes) { return bytes >= 16384; }
#else
static bool hasOwnPages(size_t) { return false; }
#endif

void* allocateZeroed(size_t bytes) {
#if defined(__linux__)
  if (hasOwnPages(bytes)) {
    void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    adviseLargePages(memory, bytes);
    return memory;
  }
#endif
  void* const memory = std::aligned_alloc(64, bytes);
  if (!memory) return nullptr;
  adviseLargePages(memory, bytes);
  return std::memset(memory, 0, bytes);
}

void freeZeroed(void* memory, size_t bytes) {
#if defined(__linux__)
  if (memory && hasOwnPages(bytes)) {
    munmap(memory, bytes);
    return;
  }
#endif
  std::free(memory);
}

}  // namespace densely
