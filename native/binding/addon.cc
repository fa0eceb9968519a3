// The addon's exports: the lists of names, memory, what this machine offers, and the class Program.
#include <cblas.h>
#include <napi.h>

#include <cstdint>

#include "../kernels/elementwise.h"
#include "../kernels/gemm.h"
#include "../kernels/gemm_bf16.h"
#include "../pages.h"
#include "environment.h"

namespace densely {

namespace {

Napi::Array namesOf(Napi::Env env, const char* const* names, int count) {
  Napi::Array array = Napi::Array::New(env, (size_t)count);
  for (int i = 0; i < count; i++) array.Set((uint32_t)i, Napi::String::New(env, names[i]));
  return array;
}

// allocate(length): a zeroed Float32Array whose data begins on a cache line's boundary, a little way into its buffer.
Napi::Value allocate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  long length = 0;
  if (!readInteger(info[0], "the length", 0, (double)countLimit, length)) return env.Undefined();
  constexpr size_t alignment = 64;
  // Made by the JS constructor, which throws where memory is short; Node-API's own call would end the process.
  napi_value global, constructor, size, buffer;
  if (napi_get_global(env, &global) != napi_ok || napi_get_named_property(env, global, "ArrayBuffer", &constructor) != napi_ok ||
      napi_create_double(env, (double)length * sizeof(float) + alignment, &size) != napi_ok || napi_new_instance(env, constructor, 1, &size, &buffer) != napi_ok) {
    return env.Undefined();  // what was thrown goes on; nothing was where the environment is ending
  }
  const Napi::ArrayBuffer bytes(env, buffer);
  const auto address = reinterpret_cast<uintptr_t>(const_cast<Napi::ArrayBuffer&>(bytes).Data());
  const size_t offset = (alignment - address % alignment) % alignment;
  adviseLargePages(reinterpret_cast<void*>(address + offset), (size_t)length * sizeof(float));
  return Napi::Float32Array::New(env, (size_t)length, bytes, offset);
}

Napi::Value describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Environment& environment = *env.GetInstanceData<Environment>();
  Napi::Object openblas = Napi::Object::New(env);
  openblas.Set("config", openblas_get_config());
  openblas.Set("core", openblas_get_corename());
  const int parallel = openblas_get_parallel();
  openblas.Set("parallel", parallel == OPENBLAS_SEQUENTIAL ? "serial" : parallel == OPENBLAS_OPENMP ? "openmp" : "pthread");
  Napi::Object result = Napi::Object::New(env);
  result.Set("openblas", openblas);
  result.Set("isa", isaName());
  result.Set("bfloat16", bfloat16::available());
  result.Set("cores", environment.cores);
  result.Set("threads", environment.team.size());
  return result;
}

template <Napi::Value (*body)(const Napi::CallbackInfo&)>
Napi::Value function(Napi::Env env, const char* name) {
  const auto call = [](napi_env env, napi_callback_info info) { return guarded(env, [&]() -> napi_value { return body(Napi::CallbackInfo(env, info)); }); };
  napi_value result = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &result);
  return Napi::Value(env, result);
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  // A tile is the unit of parallelism; within it OpenBLAS has one thread.
  openblas_set_num_threads(1);
  env.SetInstanceData(new Environment);
  exports.Set("instructions", namesOf(env, instructionNames, instructionCount));
  exports.Set("elementwise", namesOf(env, elementwiseNames, elementwiseCount));
  exports.Set("allocate", function<allocate>(env, "allocate"));
  exports.Set("info", function<describe>(env, "info"));
  exports.Set("Program", Napi::Value(env, ProgramObject::define(env)));
  return exports;
}

}  // namespace

}  // namespace densely

static Napi::Object start(Napi::Env env, Napi::Object exports) {
  return Napi::Object(env, densely::guarded(env, [&]() -> napi_value { return densely::start(env, exports); }));
}
NODE_API_MODULE(NODE_GYP_MODULE_NAME, start)
