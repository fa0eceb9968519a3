// The environment's own thread for runs off the event loop.
#include "runner.h"

#include <signal.h>

namespace densely {

bool Runner::submit(Napi::Env env, std::unique_ptr<AsyncRun> run) {
  if (!started && !start(env)) return false;
  if (inFlight++ == 0) napi_ref_threadsafe_function(env, delivery);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    queue.push_back(std::move(run));
  }
  changed.notify_one();
  return true;
}

bool Runner::start(Napi::Env env) {
  if (!delivery) {
    if (napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "densely"), 0, 1, nullptr, nullptr, this, deliver, &delivery) != napi_ok) return false;
    napi_unref_threadsafe_function(env, delivery);
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int status = pthread_create(&thread, nullptr, [](void* runner) -> void* {
    static_cast<Runner*>(runner)->loop();
    return nullptr;
  }, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (status != 0) return false;
  // Hooks run last in, first out: this one, which ends the thread, before the one that closes `delivery`.
  napi_add_env_cleanup_hook(env, [](void* runner) { static_cast<Runner*>(runner)->stop(); }, this);
  return started = true;
}

void Runner::loop() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return stopping || !queue.empty(); });
    if (stopping) return;
    std::unique_ptr<AsyncRun> run = std::move(queue.front());
    queue.pop_front();
    current = run.get();
    lock.unlock();
    run->result = run->rows ? run->rows->run(*run->program, run->rowsRequest, *run->control, team, cores)
                            : runSteps(*run->program, run->request, *run->control, team, cores);
    lock.lock();
    current = nullptr;
    if (stopping) return;
    if (napi_call_threadsafe_function(delivery, run.get(), napi_tsfn_nonblocking) == napi_ok) run.release();
  }
}

// At the end of the environment: a run in flight ends at its next step, for its memory is about to go.
void Runner::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
    if (current) current->control->interrupted.store(true, std::memory_order_relaxed);
  }
  changed.notify_one();
  pthread_join(thread, nullptr);
  queue.clear();
}

void Runner::deliver(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<AsyncRun> run(static_cast<AsyncRun*>(data));
  if (!env) return;  // the environment has ended, and with it the promise
  Runner& runner = *static_cast<Runner*>(context);
  if (--runner.inFlight == 0) napi_unref_threadsafe_function(env, runner.delivery);
  runner.finished(Napi::Env(env), *run);
}

}  // namespace densely
