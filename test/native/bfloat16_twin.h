// bfloat16 by plain integers, as the kernels must have it.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

// The upper half of a float, rounded to nearest, ties to even; what is below the least normal number is 0.
inline uint16_t rounded(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if (std::isnan(value)) return (uint16_t)(bits >> 16 | 0x40);
  if ((bits & 0x7f800000) == 0) return (uint16_t)(bits >> 16 & 0x8000);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float widened(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
