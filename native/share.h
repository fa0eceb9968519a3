// How the members of a team divide the tiles of a step.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace densely {

// Phases of so many operations and no tiles to share are done one after the other by whoever comes first: meeting would cost more.
constexpr double largestSerialWork = 1e5;

// A minibatch of so many floats, a second-level cache full, each thread gathers for itself: that saves a meeting, and the examples are in its
// cache when the weight gradients read them.
constexpr long smallMinibatch = 1 << 18;

// With more threads than this each does better to gather a part of the minibatch than all of it.
constexpr int mostGatherers = 4;

// A member's contiguous part of a stage's tiles. Usually the owner does them, in whose cache the weights of those lines are; in the
// end anybody who is idle. `left` is the epoch in which they may be done (high half), and how many are left to do: one word, so that
// whoever takes one knows that its phase is open and stays open until that tile is done.
struct alignas(64) Share {
  std::atomic<uint64_t> left{0};
  uint32_t begin = 0, end = 0;
};

// Stages between two meetings: those of a phase, or of several small phases. Atomic, for a member that has slept may read it meanwhile; it then takes nothing.
struct Span {
  std::atomic<size_t> first{0}, last{0};
  std::atomic<bool> serial{false};
};

}  // namespace densely
