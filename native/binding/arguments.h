// Reading arguments, and errors of one sentence with a code.
#pragma once
#include <napi.h>

#include <new>
#include <string>

namespace densely {

// Leaves a JS error pending; callers return at once.
void throwError(Napi::Env env, const std::string& message, const char* code = "ERR_BACKEND");
Napi::Error makeError(Napi::Env env, const char* message, const char* code);
// Leaves ERR_OUT_OF_MEMORY pending; makes no memory but the engine's.
void throwShortOfMemory(napi_env env);
constexpr const char* shortOfMemory = "[native] there is not enough memory for this call";

// What `work` returns. Every call from JS goes through here: where memory is short C++ throws, and this makes a JS error of it.
template <typename Work>
napi_value guarded(napi_env env, Work work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throwShortOfMemory(env);
    return nullptr;
  }
}

// A whole number in [lowest, highest]; false with an error pending otherwise.
bool readInteger(Napi::Value value, const char* what, double lowest, double highest, long& result);
bool readNumber(Napi::Value value, const char* what, float& result);

// Data and length of a typed array.
struct ArrayView {
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type = napi_float32_array;
};
// False where the value is no typed array.
bool viewOf(Napi::Value value, ArrayView& view);
// A typed array of `type` (`typeName`) with at least `length` elements; false with an error pending otherwise.
bool readArray(Napi::Value value, const std::string& what, napi_typedarray_type type, const char* typeName, size_t length, ArrayView& view);

}  // namespace densely
