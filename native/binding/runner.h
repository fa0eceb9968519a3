// The environment's own thread for runs off the event loop, first come first served.
#pragma once
#include <napi.h>
#include <pthread.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>

#include "../rows.h"

namespace densely {

// A run off the event loop. The thread touches program, request and control; the rest is for the JS side.
struct AsyncRun {
  Program* program;
  RunRequest request{};
  RowsRunner* rows = nullptr;  // runs `rowsRequest` in place of `request`
  RowsRequest rowsRequest{};
  napi_ref arrays[2] = {};  // kept alive with the program
  RunControl* control;
  RunResult result{0};
  bool lacksMemory = false;  // nothing has run
  napi_ref self = nullptr;  // keeps the program and its arrays alive
  napi_deferred deferred = nullptr;
  void* owner = nullptr;
  std::unique_ptr<AsyncRun> after;  // the next in the queue
};

class Runner {
 public:
  // Called on the JS thread for every run that has ended.
  using Finished = void (*)(Napi::Env env, AsyncRun& run);

  Runner(Team& team, int cores, Finished finished) : team(team), cores(cores), finished(finished) {}

  // Queues a run. Where no thread can be had the calling thread does it, and the event loop goes on before its end is told.
  void submit(Napi::Env env, std::unique_ptr<AsyncRun> run);

 private:
  bool start(Napi::Env env);
  void loop();
  void perform(AsyncRun& run);
  void tell(std::unique_ptr<AsyncRun> run);
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
  std::unique_ptr<AsyncRun> first;  // of the queue
  AsyncRun* last = nullptr;
  AsyncRun* current = nullptr;
  bool stopping = false;
};

}  // namespace densely
