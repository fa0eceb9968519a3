// The environment's own thread for runs off the event loop.
#include "runner.h"

namespace densely {

void Runner::submit(Napi::Env env, std::unique_ptr<AsyncRun> run) {
  if (!delivery) {
    const Napi::String name = Napi::String::New(env, "densely");
    if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, deliver, &delivery) != napi_ok) return;  // the environment is ending
    napi_unref_threadsafe_function(env, delivery);
  }
  if (inFlight++ == 0) napi_ref_threadsafe_function(env, delivery);
  if (!started && !start(env)) {
    perform(*run);
    tell(std::move(run));
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex);
    AsyncRun* const submitted = run.get();
    (first ? last->after : first) = std::move(run);
    last = submitted;
  }
  changed.notify_one();
}

bool Runner::start(Napi::Env env) {
  const SignalsBlocked blocked;
  const int status = pthread_create(&thread, nullptr, [](void* runner) -> void* {
    static_cast<Runner*>(runner)->loop();
    return nullptr;
  }, this);
  if (status != 0) return false;
  // Hooks run last in, first out: this one, which ends the thread, before the one that closes `delivery`.
  napi_add_env_cleanup_hook(env, [](void* runner) { static_cast<Runner*>(runner)->stop(); }, this);
  return started = true;
}

void Runner::perform(AsyncRun& run) {
  try {
    run.result = run.rows ? run.rows->run(*run.program, run.rowsRequest, *run.control, team, cores)
                          : runSteps(*run.program, run.request, *run.control, team, cores);
  } catch (const std::bad_alloc&) {
    run.lacksMemory = true;
  }
}

void Runner::tell(std::unique_ptr<AsyncRun> run) {
  if (napi_call_threadsafe_function(delivery, run.get(), napi_tsfn_nonblocking) == napi_ok) run.release();
}

void Runner::loop() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return stopping || first; });
    if (stopping) return;
    std::unique_ptr<AsyncRun> run = std::move(first);
    first = std::move(run->after);
    current = run.get();
    lock.unlock();
    perform(*run);
    lock.lock();
    current = nullptr;
    if (stopping) return;
    tell(std::move(run));
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
  while (first) first = std::move(first->after);
}

void Runner::deliver(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<AsyncRun> run(static_cast<AsyncRun*>(data));
  if (!env) return;  // the environment has ended, and with it the promise
  Runner& runner = *static_cast<Runner*>(context);
  if (--runner.inFlight == 0) napi_unref_threadsafe_function(env, runner.delivery);
  runner.finished(Napi::Env(env), *run);
}

}  // namespace densely
