// Examples of data sets in the caches.
#pragma once
#include <algorithm>

#include "program.h"

namespace densely {

// Fetches one example of every source that has rows into the second-level cache; nothing where there is no such example.
inline void fetchExample(const Program& program, long example) {
  constexpr long longestFetch = 16384;  // bytes: more would crowd out what the step at hand works on
  for (size_t s = 0; s < program.binding.sources.size(); s++) {
    const Source& source = program.binding.sources[s];
    if (!program.sourceUses[s].rows || example < 0 || example >= source.rows) continue;
    const long size = source.element == Element::uint8 ? 1 : 4, bytes = std::min(source.width * size, longestFetch);
    const char* data = static_cast<const char*>(source.data) + example * source.width * size;
    for (long at = 0; at < bytes; at += 64) __builtin_prefetch(data + at, 0, 2);
  }
}

}  // namespace densely
