// Reading arguments, and errors of one sentence with a code.
#include "arguments.h"

#include <cmath>

namespace densely {

Napi::Error makeError(Napi::Env env, const char* message, const char* code) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

void throwError(Napi::Env env, const std::string& message, const char* code) {
  // The value at fault is empty, for the environment is ending: nobody is left to tell.
  if (static_cast<napi_env>(env) == nullptr) return;
  makeError(env, message.c_str(), code).ThrowAsJavaScriptException();
}

void throwShortOfMemory(napi_env env) { makeError(env, shortOfMemory, "ERR_OUT_OF_MEMORY").ThrowAsJavaScriptException(); }

bool readInteger(Napi::Value value, const char* what, double lowest, double highest, long& result) {
  double number = NAN;
  if (napi_get_value_double(value.Env(), value, &number) == napi_ok && number >= lowest && number <= highest && number == std::floor(number)) {
    result = (long)number;
    return true;
  }
  char text[200];
  std::snprintf(text, sizeof text, "[native] expected %s to be a whole number from %.0f to %.0f but received %g", what, lowest, highest, number);
  throwError(value.Env(), text);
  return false;
}

bool readNumber(Napi::Value value, const char* what, float& result) {
  double number = NAN;
  if (napi_get_value_double(value.Env(), value, &number) == napi_ok) {
    result = (float)number;
    return true;
  }
  throwError(value.Env(), std::string("[native] expected ") + what + " to be a number");
  return false;
}

bool viewOf(Napi::Value value, ArrayView& view) {
  return napi_get_typedarray_info(value.Env(), value, &view.type, &view.length, &view.data, nullptr, nullptr) == napi_ok;
}

bool readArray(Napi::Value value, const std::string& what, napi_typedarray_type type, const char* typeName, size_t length, ArrayView& view) {
  if (!viewOf(value, view) || view.type != type) {
    throwError(value.Env(), "[native] expected " + what + " to be a " + typeName);
    return false;
  }
  if (view.length < length) {
    throwError(value.Env(), "[native] expected " + what + " to have at least " + std::to_string(length) + " elements but received " + std::to_string(view.length));
    return false;
  }
  return true;
}

}  // namespace densely
