// Reading arguments, and errors of one sentence with a code.
#pragma once
#include <napi.h>

#include <string>

namespace densely {

// Leaves a JS error pending; callers return at once.
void throwError(Napi::Env env, const std::string& message, const char* code = "ERR_BACKEND");
Napi::Error makeError(Napi::Env env, const std::string& message, const char* code);

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
