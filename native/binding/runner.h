// The environment's own thread for runs off the event loop, first come first served.
#pragma once
#include <napi.h>
#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "../rows.h"

namespace densely {

// A run off the event loop. The thread touches program, request and control; the rest is for the JS side.
struct AsyncRun {
  Program* program;
  RunRequest request{};
  RowsRunner* rows = nullptr;  // runs `rowsRequest` in place of `request`
  RowsRequest rowsRequest{};
  std::vector<napi_ref> arrays;  // kept alive with the program
  RunControl* control;
  RunResult result{0, {}};
  napi_ref self = nullptr;  // keeps the program and its arrays alive
  napi_deferred deferred = nullptr;
  void* owner = nullptr;
};

class Runner {
 public:
  // Called on the JS thread for every run that has ended.
  using Finished = void (*)(Napi::Env env, AsyncRun& run);

  Runner(Team& team, int cores, Finished finished) : team(team), cores(cores), finished(finished) {}

  // Queues a run; false where no thread can be had.
  bool submit(Napi::Env env, std::unique_ptr<AsyncRun> run);

 private:
  bool start(Napi::Env env);
  void loop();
  void stop();
  static void deliver(napi_env env, napi_value, void* context, void* data);

  Team& team;
  const int cores;
  const Finished finished;
  bool started = false;
  long inFlight = 0;  // runs that keep the event loop alive
  pthread_t thread{};
  napi_threadsafe_function delivery = nullptr;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::unique_ptr<AsyncRun>> queue;
  AsyncRun* current = nullptr;
  bool stopping = false;
};

}  // namespace densely
