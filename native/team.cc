// A team of threads that stay.
#include "team.h"

#include <sched.h>

#include <chrono>
#include <new>

namespace densely {

namespace {

constexpr int spinRounds = 1000;  // a few tens of microseconds
constexpr int yieldRounds = 20;
constexpr int64_t busyNanoseconds = 30000;  // about as long as a helper spins

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void Signal::raise() {
  // In one order with `sleepers`: either the sleeper sees the new number, or it is seen here.
  number.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_seq_cst) == 0) return;
  const std::lock_guard<std::mutex> lock(mutex);
  changed.notify_all();
}

void Signal::waitWhile(uint32_t seen, bool spin) {
  for (int i = 0; spin && i < spinRounds; i++) {
    if (value() != seen) return;
    pause();
  }
  for (int i = 0; i < yieldRounds; i++) {
    if (value() != seen) return;
    sched_yield();
  }
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return number.load(std::memory_order_seq_cst) != seen; });
  }
  sleepers.fetch_sub(1, std::memory_order_seq_cst);
}

static int64_t nanosecondsNow() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

bool Team::isBusy() const { return nanosecondsNow() - lastEnd.load(std::memory_order_relaxed) < busyNanoseconds; }
void Team::noteEnd() { lastEnd.store(nanosecondsNow(), std::memory_order_relaxed); }

bool Team::claim(Helper& helper, State next) {
  int state = offered;
  return helper.state.compare_exchange_strong(state, next, std::memory_order_acq_rel);
}

void* Team::help(void* argument) {
  Helper& helper = *static_cast<Helper*>(argument);
  Team& team = *helper.team;
  uint32_t seen = 0;
  bool spin = false;
  for (;;) {
    helper.wake.waitWhile(seen, spin);
    seen = helper.wake.value();
    if (helper.stop.load(std::memory_order_acquire)) return nullptr;
    if (!claim(helper, working)) continue;
    spin = helper.spin;
    helper.work(helper.job, helper.member);
    helper.state.store(idle, std::memory_order_release);
    if (team.pending.fetch_sub(1, std::memory_order_acq_rel) == 1) team.done.raise();
  }
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
}

SignalsBlocked::~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }

int Team::grow(int wanted) {
  if ((int)helpers.size() + 1 >= wanted) return wanted;
  const SignalsBlocked blocked;
  try {
    helpers.reserve((size_t)wanted - 1);
    while ((int)helpers.size() + 1 < wanted) {
      auto helper = std::make_unique<Helper>();
      helper->team = this;
      helper->member = (int)helpers.size() + 1;
      if (pthread_create(&helper->thread, nullptr, help, helper.get()) != 0) break;
      helpers.push_back(std::move(helper));
    }
  } catch (const std::bad_alloc&) {
    // As many as there are will do.
  }
  helperCount.store((int)helpers.size(), std::memory_order_relaxed);
  return (int)helpers.size() + 1;
}

void Team::run(int members, Work work, void* job) {
  pending.store(members - 1, std::memory_order_relaxed);
  for (int i = 0; i + 1 < members; i++) {
    Helper& helper = *helpers[(size_t)i];
    helper.work = work;
    helper.job = job;
    helper.spin = spins(members);
    helper.state.store(offered, std::memory_order_release);
    helper.wake.raise();
  }
  work(job, 0);
  for (int i = 0; i + 1 < members; i++)
    if (claim(*helpers[(size_t)i], idle)) pending.fetch_sub(1, std::memory_order_acq_rel);
  for (;;) {
    const uint32_t seen = done.value();
    if (pending.load(std::memory_order_acquire) == 0) return;
    done.waitWhile(seen, spins(members));
  }
}

Team::~Team() {
  for (auto& helper : helpers) {
    helper->stop.store(true, std::memory_order_release);
    helper->wake.raise();
  }
  for (auto& helper : helpers) pthread_join(helper->thread, nullptr);
}

}  // namespace densely
