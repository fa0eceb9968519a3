// Tests of the team of threads by itself, made to be run under ThreadSanitizer: whatever work writes without locks must be ordered by the team.
#include "team.h"

#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "checks.h"

using namespace densely;

namespace {

// Parts of a sum that any member may take; the parts themselves are plain memory.
struct Sum {
  explicit Sum(long count) : parts((size_t)count, 0) {}
  void work(int member) {
    for (long part = next++; part < (long)parts.size(); part = next++) parts[(size_t)part] += part + 1;
    if (member >= 0 && member < 64) seen |= 1ull << member;
  }
  static void workOn(void* job, int member) { static_cast<Sum*>(job)->work(member); }
  long total() const {
    long sum = 0;
    for (const long part : parts) sum += part;
    return sum;
  }
  std::vector<long> parts;
  std::atomic<long> next{0};
  std::atomic<uint64_t> seen{0};
};

// However many pieces of work follow each other, each is whole when run returns, and what one wrote the next may change.
void testRuns(int cores, int members, int rounds) {
  Team team(cores);
  check(team.acquire() && !team.acquire(), "a team is taken once");
  check(team.grow(members) == members && team.size() == members, "a team of %d", members);
  Sum sum(100);
  bool whole = true;
  for (int round = 1; round <= rounds; round++) {
    sum.next = 0;
    team.run(members, Sum::workOn, &sum);
    whole = whole && sum.total() == round * 5050L;
    if (round % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(round % 32 ? 50 : 2000));  // helpers spin, or have gone to sleep
  }
  check(whole, "%d rounds of %d members on %d cores", rounds, members, cores);
  check(sum.seen & 1, "the calling thread is member 0");
  check(sum.seen < 1ull << members, "no member beyond %d", members);
  team.release();
  check(team.acquire(), "a team that was released can be taken");
}

// Fewer members than there are helpers: the others stay out of it.
void testFewer() {
  Team team(2);
  check(team.grow(4) == 4 && team.grow(2) == 2 && team.size() == 4, "helpers stay when fewer are wanted");
  Sum sum(1000);
  for (int round = 0; round < 50; round++) sum.next = 0, team.run(2, Sum::workOn, &sum);
  check(sum.total() == 50 * 500500L && sum.seen < 4, "two members of four");
}

// Many threads ask for one team: one of them has it at a time.
void testTurns() {
  Team team(2);
  long counter = 0;  // plain: whoever has the team counts
  std::atomic<long> had{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; i++) {
        if (!team.acquire()) continue;
        counter++;
        had++;
        if (i % 50 == 0) {
          Sum sum(10);
          team.run(team.grow(2), Sum::workOn, &sum);
          if (sum.total() != 55) counter = -1000000;
        }
        team.release();
      }
    });
  for (std::thread& thread : threads) thread.join();
  check(counter == had && counter > 0, "a team in turns: %ld of %ld", counter, had.load());
}

// A helper that is not awake in time is not waited for, and does nothing later.
void testLate() {
  Team team(1);
  team.grow(3);
  for (int round = 0; round < 200; round++) {
    auto* job = new Sum(3);
    team.run(3, Sum::workOn, job);
    const bool whole = job->total() == 6;
    delete job;  // a helper that came late would be seen to read it
    if (!whole) return check(false, "a short piece of work is whole");
  }
  check(true, "short pieces of work");
}

// A signal raised before, while or after somebody begins to wait is never missed.
void testSignal() {
  Signal ping, pong;
  constexpr uint32_t rounds = 3000;
  long value = 0;  // plain: ordered by the signals
  std::thread other([&] {
    for (uint32_t i = 0; i < rounds; i++) {
      ping.waitWhile(i, i % 3 == 0);
      value++;
      pong.raise();
    }
  });
  for (uint32_t i = 0; i < rounds; i++) {
    value++;
    ping.raise();
    pong.waitWhile(i, i % 2 == 0);
  }
  other.join();
  check(value == 2 * rounds && ping.value() == rounds, "signals there and back: %ld", value);
}

void testBusy() {
  Team team(2);
  check(!team.isBusy(), "a team that did nothing is not busy");
  team.noteEnd();
  check(team.isBusy(), "a team is busy right after work");
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  check(!team.isBusy(), "and not for long");
  check(team.spins(2) && !team.spins(3), "spinning is for members with a core each");
}

}  // namespace

int main() {
  for (const int cores : {1, 2, 8})
    for (const int members : {1, 2, 3, 8}) testRuns(cores, members, 100);
  testFewer();
  testTurns();
  testLate();
  testSignal();
  testBusy();
  printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}
