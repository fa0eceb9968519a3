// A team of threads that stay: they spin for a moment between pieces of work, then sleep.
#pragma once
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace densely {

// A number that only grows, and threads that wait for it to change.
class Signal {
 public:
  uint32_t value() const { return number.load(std::memory_order_acquire); }
  void raise();
  // Spins (if `spin`), yields, and finally sleeps, so that a core taken by another process costs time and no more.
  void waitWhile(uint32_t seen, bool spin);

 private:
  std::atomic<uint32_t> number{0};
  std::atomic<int> sleepers{0};
  std::mutex mutex;
  std::condition_variable changed;
};

class Team {
 public:
  using Work = void (*)(void* job, int member);

  explicit Team(int cores) : cores(cores) {}
  ~Team();

  // The team, for as long as a run needs it; false where another run has it.
  bool acquire() { return !taken.exchange(true, std::memory_order_acquire); }
  void release() { taken.store(false, std::memory_order_release); }

  // For whoever has acquired it. Makes helpers as needed; returns how many members there are, `wanted` or fewer where no more threads
  // or memory can be had.
  int grow(int wanted);
  // Does work(job, member) on every member that comes before member 0, the calling thread, has done its part: a helper that
  // is still asleep by then is not waited for. So `work` must not count on the others.
  void run(int members, Work work, void* job);

  // Whether pieces of work follow each other so closely that helpers hardly fall asleep between them: the last one has only just ended.
  bool isBusy() const;
  void noteEnd();
  // Spinning pays only while every member has a core.
  bool spins(int members) const { return members <= cores; }
  int size() const { return (int)helperCount.load(std::memory_order_relaxed) + 1; }

 private:
  enum State : int { idle, offered, working };
  struct Helper {
    Team* team;
    int member;
    pthread_t thread;
    Signal wake;
    std::atomic<int> state{idle};
    Work work = nullptr;
    void* job = nullptr;
    bool spin = false;
    std::atomic<bool> stop{false};
  };
  static void* help(void* argument);
  // True for the one caller that takes the offered job away.
  static bool claim(Helper& helper, State next);

  const int cores;
  std::vector<std::unique_ptr<Helper>> helpers;
  std::atomic<int> helperCount{0}, pending{0};
  std::atomic<bool> taken{false};
  std::atomic<int64_t> lastEnd{0};
  Signal done;
};

// The team for as long as this object lives, where it is to be had.
struct TeamLease {
  explicit TeamLease(Team& team) : held(team.acquire()), team(team) {}
  ~TeamLease() {
    if (held) team.release();
  }
  TeamLease(const TeamLease&) = delete;
  TeamLease& operator=(const TeamLease&) = delete;

  const bool held;

 private:
  Team& team;
};

// No signal interrupts this thread, nor the threads made by it, while this object lives: signals are for the threads of the process itself.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before;
};

}  // namespace densely
