// The JS class Program.
#pragma once
#include <napi.h>

#include <memory>
#include <vector>

#include "../rows.h"
#include "arguments.h"
#include "runner.h"

namespace densely {

class ProgramObject {
 public:
  // The constructor; null with an error pending where the environment is ending.
  static napi_value define(napi_env env);

  // Settles the promise of a run that has ended.
  static void finished(Napi::Env env, AsyncRun& run);

 private:
  static napi_value construct(napi_env env, napi_callback_info callback);
  template <Napi::Value (ProgramObject::*method)(const Napi::CallbackInfo&)>
  static napi_value call(napi_env env, napi_callback_info callback);
  static void release(napi_env env, void* object, void*);

  // False with an error pending.
  bool decode(const Napi::CallbackInfo& info);
  Napi::Value bind(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value runAsync(const Napi::CallbackInfo& info);
  Napi::Value runRows(const Napi::CallbackInfo& info);
  Napi::Value runRowsAsync(const Napi::CallbackInfo& info);
  Napi::Value interrupt(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value runInstructions(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  // An array of the binding: kept alive, and checked before every run to be where it was.
  struct Kept {
    Napi::Reference<Napi::Value> array;
    void* data;
    size_t length;
  };
  void keep(Napi::Value array, const ArrayView& view, std::vector<Kept>& arrays);
  bool readSources(Napi::Value value, Binding& binding, std::vector<Kept>& arrays);
  bool readSinks(Napi::Value value, Binding& binding, std::vector<Kept>& arrays);

  bool alive(Napi::Env env);
  bool idle(Napi::Env env);
  bool ready(Napi::Env env);
  bool readRows(const Napi::CallbackInfo& info, RowsRequest& request);
  Napi::Value submit(const Napi::CallbackInfo& info, std::unique_ptr<AsyncRun> run);
  bool readRequest(const Napi::CallbackInfo& info, RunRequest& request);
  void accountMemory(Napi::Env env);

  std::unique_ptr<Program> program;
  std::unique_ptr<RowsRunner> rows;
  RunControl control;
  std::vector<Kept> kept;
  bool running = false;
  long accounted = 0;  // bytes the garbage collector has been told of
};

}  // namespace densely
