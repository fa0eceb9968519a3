// The JS class Program.
#include "program_object.h"

#include <iterator>

#include "environment.h"

namespace densely {

namespace {

constexpr double largestInteger = 9007199254740991;

Environment& environmentOf(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

}  // namespace

template <Napi::Value (ProgramObject::*method)(const Napi::CallbackInfo&)>
napi_value ProgramObject::call(napi_env env, napi_callback_info callback) {
  return guarded(env, [&]() -> napi_value {
    const Napi::CallbackInfo info(env, callback);
    void* object = nullptr;
    if (napi_unwrap(env, info.This(), &object) == napi_ok) return (static_cast<ProgramObject*>(object)->*method)(info);
    throwError(env, "[native] expected a program");
    return nullptr;
  });
}

napi_value ProgramObject::define(napi_env env) {
  const auto method = [](const char* name, napi_callback callback) { return napi_property_descriptor{name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr}; };
  const napi_property_descriptor methods[] = {
    method("bind", call<&ProgramObject::bind>),
    method("run", call<&ProgramObject::run>),
    method("runAsync", call<&ProgramObject::runAsync>),
    method("runRows", call<&ProgramObject::runRows>),
    method("runRowsAsync", call<&ProgramObject::runRowsAsync>),
    method("interrupt", call<&ProgramObject::interrupt>),
    method("progress", call<&ProgramObject::progress>),
    method("runInstructions", call<&ProgramObject::runInstructions>),
    method("dispose", call<&ProgramObject::dispose>),
  };
  napi_value result = nullptr;
  napi_define_class(env, "Program", NAPI_AUTO_LENGTH, construct, nullptr, std::size(methods), methods, &result);
  return result;
}

// new Program(code, { maxRows, stateLength, scratchLength, constants, hyperCount, sourceCount, sinkCount, guard })
napi_value ProgramObject::construct(napi_env env, napi_callback_info callback) {
  return guarded(env, [&]() -> napi_value {
    const Napi::CallbackInfo info(env, callback);
    if (!info.IsConstructCall()) {
      throwError(env, "[native] expected 'new' before Program");
      return nullptr;
    }
    auto object = std::make_unique<ProgramObject>();
    if (!object->decode(info) || napi_wrap(env, info.This(), object.get(), release, nullptr, nullptr) != napi_ok) return nullptr;
    object.release()->accountMemory(env);
    return info.This();
  });
}

// When the collector has found the object, or the environment ends.
void ProgramObject::release(napi_env env, void* object, void*) {
  const std::unique_ptr<ProgramObject> released(static_cast<ProgramObject*>(object));
  released->program = nullptr;
  released->accountMemory(env);
}

bool ProgramObject::decode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArrayView code, constants;
  if (!readArray(info[0], "the code", napi_float64_array, "Float64Array", 0, code)) return false;
  if (!info[1].IsObject()) {
    throwError(env, "[native] expected the options of a program to be an object");
    return false;
  }
  const Napi::Object given = info[1].As<Napi::Object>();
  ProgramOptions options{};
  if (!readInteger(given.Get("maxRows"), "maxRows", 1, dimensionLimit - lanes, options.maxRows) ||
      !readInteger(given.Get("stateLength"), "stateLength", 0, countLimit, options.stateLength) ||
      !readInteger(given.Get("scratchLength"), "scratchLength", 0, countLimit, options.scratchLength) ||
      !readInteger(given.Get("hyperCount"), "hyperCount", 0, 1 << 20, options.hyperCount) ||
      !readInteger(given.Get("sourceCount"), "sourceCount", 0, 1 << 20, options.sourceCount) ||
      !readInteger(given.Get("sinkCount"), "sinkCount", 0, 1 << 20, options.sinkCount) ||
      !readInteger(given.Get("guard"), "guard", -1, (double)options.sinkCount - 1, options.guard) ||
      !readArray(given.Get("constants"), "constants", napi_float32_array, "Float32Array", 0, constants)) return false;
  options.constants = static_cast<const float*>(constants.data);
  options.constantsLength = (long)constants.length;
  std::string message;
  // Read from a copy, which nothing can change between check and use.
  const double* first = static_cast<const double*>(code.data);
  std::vector<double> copy(first, first + code.length);
  program = Program::decode(copy.data(), copy.size(), options, message);
  if (!program) {
    throwError(env, message);
    return false;
  }
  if (RowsRunner::fits(*program)) rows = std::make_unique<RowsRunner>(std::move(copy), options);
  return true;
}

// Tells the garbage collector how much memory hangs on this object.
void ProgramObject::accountMemory(Napi::Env env) {
  const long owned = program ? program->ownedBytes() + (rows ? rows->ownedBytes() : 0) : 0;
  if (owned != accounted) Napi::MemoryManagement::AdjustExternalMemory(env, owned - accounted);
  accounted = owned;
}

bool ProgramObject::alive(Napi::Env env) {
  if (!program) throwError(env, "[native] the program has been disposed of", "ERR_DISPOSED");
  return program != nullptr;
}

bool ProgramObject::idle(Napi::Env env) {
  if (running) throwError(env, "[native] a run of this program is in flight", "ERR_BUSY");
  return !running;
}

// Alive, idle, bound, and the arrays still where they were.
bool ProgramObject::ready(Napi::Env env) {
  if (!alive(env) || !idle(env)) return false;
  if (!program->bound) {
    throwError(env, "[native] the program has not been bound");
    return false;
  }
  for (const Kept& array : kept) {
    ArrayView view;
    if (viewOf(array.array.Value(), view) && view.data == array.data && view.length >= array.length) continue;
    throwError(env, "[native] an array of the binding has been detached or has shrunk");
    return false;
  }
  return true;
}

void ProgramObject::keep(Napi::Value array, const ArrayView& view, std::vector<Kept>& arrays) {
  arrays.push_back({Napi::Reference<Napi::Value>::New(array, 1), view.data, view.length});
}

bool ProgramObject::readSources(Napi::Value value, Binding& binding, std::vector<Kept>& arrays) {
  const Napi::Env env = value.Env();
  const size_t count = program->sourceUses.size();
  if (!value.IsArray() || value.As<Napi::Array>().Length() != count) {
    throwError(env, "[native] expected sources to be an array of " + std::to_string(count));
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    const std::string name = "source " + std::to_string(i);
    const Napi::Value item = value.As<Napi::Array>().Get((uint32_t)i);
    ArrayView view;
    Source source{};
    if (!item.IsObject()) {
      throwError(env, "[native] expected " + name + " to be an object");
      return false;
    }
    const Napi::Object given = item.As<Napi::Object>();
    const Napi::Value array = given.Get("array");
    const bool isArray = viewOf(array, view);
    if (isArray && view.type == napi_float32_array) source.element = Element::float32;
    else if (isArray && (view.type == napi_uint8_array || view.type == napi_uint8_clamped_array)) source.element = Element::uint8;
    else if (isArray && view.type == napi_int32_array) source.element = Element::int32;
    else {
      throwError(env, "[native] expected " + name + " to be a Float32Array, Uint8Array or Int32Array");
      return false;
    }
    if (!readInteger(given.Get("width"), "the width of a source", 1, (double)countLimit, source.width) ||
        !readNumber(given.Get("scale"), "the scale of a source", source.scale) || !readNumber(given.Get("shift"), "the shift of a source", source.shift)) return false;
    source.data = view.data;
    source.rows = (long)view.length / source.width;
    binding.sources.push_back(source);
    keep(array, view, arrays);
  }
  return true;
}

bool ProgramObject::readSinks(Napi::Value value, Binding& binding, std::vector<Kept>& arrays) {
  const size_t count = program->sinkUses.size();
  if (!value.IsArray() || value.As<Napi::Array>().Length() != count) {
    throwError(value.Env(), "[native] expected sinks to be an array of " + std::to_string(count));
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    const Napi::Value array = value.As<Napi::Array>().Get((uint32_t)i);
    ArrayView view;
    if (!readArray(array, "sink " + std::to_string(i), napi_float32_array, "Float32Array", 0, view)) return false;
    binding.sinks.push_back({static_cast<float*>(view.data), (long)view.length});
    keep(array, view, arrays);
  }
  return true;
}

Napi::Value ProgramObject::bind(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!alive(env) || !idle(env)) return env.Undefined();
  if (!info[0].IsObject()) {
    throwError(env, "[native] expected the binding to be an object");
    return env.Undefined();
  }
  const Napi::Object given = info[0].As<Napi::Object>();
  Binding binding;
  std::vector<Kept> arrays;
  ArrayView state, scratch, order, batches, hyper;
  const Napi::Value stateArray = given.Get("state"), scratchArray = given.Get("scratch"), orderArray = given.Get("order");
  const Napi::Value batchArray = given.Get("batches"), hyperArray = given.Get("hyper");
  const bool ordered = !orderArray.IsNull() && !orderArray.IsUndefined();
  if (!readArray(stateArray, "the state", napi_float32_array, "Float32Array", (size_t)program->limits.lengths[stateRegion], state) ||
      !readArray(scratchArray, "the scratch memory", napi_float32_array, "Float32Array", (size_t)program->limits.lengths[scratchRegion], scratch) ||
      (ordered && !readArray(orderArray, "the order", napi_int32_array, "Int32Array", 0, order)) ||
      !readArray(batchArray, "batches", napi_int32_array, "Int32Array", 0, batches)) return env.Undefined();
  binding.steps = (long)(batches.length / 2);
  if (!readArray(hyperArray, "hyper", napi_float32_array, "Float32Array", (size_t)(program->hyperCount * binding.steps), hyper) ||
      !readSources(given.Get("sources"), binding, arrays) || !readSinks(given.Get("sinks"), binding, arrays)) return env.Undefined();
  binding.state = static_cast<float*>(state.data);
  binding.scratch = static_cast<float*>(scratch.data);
  binding.order = ordered ? static_cast<const int32_t*>(order.data) : nullptr;
  binding.orderLength = (long)order.length;
  binding.batches = static_cast<const int32_t*>(batches.data);
  binding.hyper = static_cast<const float*>(hyper.data);
  std::string message;
  if (!program->bind(std::move(binding), message)) {
    throwError(env, message);
    return env.Undefined();
  }
  keep(stateArray, state, arrays);
  keep(scratchArray, scratch, arrays);
  if (ordered) keep(orderArray, order, arrays);
  keep(batchArray, batches, arrays);
  keep(hyperArray, hyper, arrays);
  kept = std::move(arrays);
  return env.Undefined();
}

// (begin, end, counterBase, threads, unchanged)
bool ProgramObject::readRequest(const Napi::CallbackInfo& info, RunRequest& request) {
  long counterBase = 0, threads = 0;
  const double steps = (double)program->binding.steps;
  if (!readInteger(info[0], "the first step", 0, steps, request.begin) || !readInteger(info[1], "the last step", (double)request.begin, steps, request.end) ||
      !readInteger(info[2], "the counter", 0, largestInteger, counterBase) || !readInteger(info[3], "the number of threads", 0, 1024, threads)) return false;
  request.counterBase = (uint64_t)counterBase;
  request.threads = (int)threads;
  request.unchanged = info[4].IsBoolean() && info[4].As<Napi::Boolean>();
  return true;
}

Napi::Value ProgramObject::run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  RunRequest request{};
  if (!ready(env) || !readRequest(info, request)) return env.Undefined();
  Environment& environment = environmentOf(env);
  control.finished = 0;
  control.interrupted = false;
  const RunResult result = runSteps(*program, request, control, environment.team, environment.cores);
  accountMemory(env);
  if (result.message) {
    throwError(env, result.message);
    return env.Undefined();
  }
  return Napi::Number::New(env, (double)result.next);
}

Napi::Value ProgramObject::runAsync(const Napi::CallbackInfo& info) {
  auto run = std::make_unique<AsyncRun>();
  if (!ready(info.Env()) || !readRequest(info, run->request)) return info.Env().Undefined();
  return submit(info, std::move(run));
}

// Hands a run to the environment's thread, and returns its promise.
Napi::Value ProgramObject::submit(const Napi::CallbackInfo& info, std::unique_ptr<AsyncRun> run) {
  const Napi::Env env = info.Env();
  run->program = program.get();
  run->control = &control;
  run->owner = this;
  control.finished = 0;
  control.interrupted = false;
  napi_value promise;
  if (napi_create_promise(env, &run->deferred, &promise) != napi_ok) return env.Undefined();  // the environment is ending
  napi_create_reference(env, info.This(), 1, &run->self);
  running = true;
  environmentOf(env).runner.submit(env, std::move(run));
  return Napi::Value(env, promise);
}

// (input, output, rows, threads, unchanged): what takes the place of the bound source and sink.
bool ProgramObject::readRows(const Napi::CallbackInfo& info, RowsRequest& request) {
  const Napi::Env env = info.Env();
  if (!alive(env) || !idle(env)) return false;
  if (!rows || !program->bound) {
    throwError(env, rows ? "[native] the program has not been bound" : "[native] expected a program of one source and one sink of rows");
    return false;
  }
  long count = 0, threads = 0;
  ArrayView input, output;
  const long width = program->sourceUses[0].width, outputs = program->sinkUses[0].count;
  if (!readInteger(info[2], "the number of rows", 1, dimensionLimit, count) || !readInteger(info[3], "the number of threads", 0, 1024, threads) ||
      !readArray(info[0], "the input", napi_float32_array, "Float32Array", (size_t)multiplySizes(count, width), input) ||
      !readArray(info[1], "the output", napi_float32_array, "Float32Array", (size_t)multiplySizes(count, outputs), output)) return false;
  request.input = {input.data, Element::float32, width, count, 1.0f, 0.0f, true};
  request.output = {static_cast<float*>(output.data), count * outputs};
  request.threads = (int)threads;
  request.unchanged = info[4].IsBoolean() && info[4].As<Napi::Boolean>();
  return true;
}

Napi::Value ProgramObject::runRows(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  RowsRequest request{};
  if (!readRows(info, request)) return env.Undefined();
  Environment& environment = environmentOf(env);
  control.interrupted = false;
  const RunResult result = rows->run(*program, request, control, environment.team, environment.cores);
  accountMemory(env);
  if (result.message) throwError(env, result.message);
  return env.Undefined();
}

Napi::Value ProgramObject::runRowsAsync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto run = std::make_unique<AsyncRun>();
  if (!readRows(info, run->rowsRequest)) return env.Undefined();
  run->rows = rows.get();
  for (size_t i = 0; i < std::size(run->arrays); i++) napi_create_reference(env, info[i], 1, &run->arrays[i]);
  return submit(info, std::move(run));
}

void ProgramObject::finished(Napi::Env env, AsyncRun& run) {
  ProgramObject& object = *static_cast<ProgramObject*>(run.owner);
  object.running = false;
  object.accountMemory(env);
  napi_delete_reference(env, run.self);
  for (const napi_ref array : run.arrays)
    if (array) napi_delete_reference(env, array);
  if (run.lacksMemory) napi_reject_deferred(env, run.deferred, makeError(env, shortOfMemory, "ERR_OUT_OF_MEMORY").Value());
  else if (run.result.message) napi_reject_deferred(env, run.deferred, makeError(env, run.result.message, "ERR_BACKEND").Value());
  else napi_resolve_deferred(env, run.deferred, Napi::Number::New(env, (double)run.result.next));
}

Napi::Value ProgramObject::interrupt(const Napi::CallbackInfo& info) {
  control.interrupted.store(true, std::memory_order_relaxed);
  return info.Env().Undefined();
}

Napi::Value ProgramObject::progress(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), (double)control.finished.load(std::memory_order_relaxed));
}

// (step, from, to, counterBase)
Napi::Value ProgramObject::runInstructions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!ready(env)) return env.Undefined();
  long step = 0, from = 0, to = 0, counterBase = 0;
  const double count = (double)program->instructions.size() - 1;
  if (!readInteger(info[0], "the step", 0, (double)program->binding.steps - 1, step) || !readInteger(info[1], "the first instruction", 0, count, from) ||
      !readInteger(info[2], "the last instruction", (double)from, count, to) || !readInteger(info[3], "the counter", 0, largestInteger, counterBase)) return env.Undefined();
  const RunResult result = densely::runInstructions(*program, step, from, to, (uint64_t)counterBase);
  accountMemory(env);
  if (result.message) throwError(env, result.message);
  return env.Undefined();
}

Napi::Value ProgramObject::dispose(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!idle(env)) return env.Undefined();
  program = nullptr;
  rows = nullptr;
  kept.clear();
  accountMemory(env);
  return env.Undefined();
}

}  // namespace densely
