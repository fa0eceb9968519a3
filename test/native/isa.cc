// In place of native/kernels/isa.cc: the environment variable VECTOR_BITS narrows the vectors, so that a processor with wide ones runs all kernels.
#define vectorBits vectorBitsOfProcessor
#define multipliesBfloat16 multipliesBfloat16OfProcessor
#include "../../native/kernels/isa.cc"
#undef vectorBits
#undef multipliesBfloat16

#include <algorithm>
#include <cstdlib>

namespace densely {

int vectorBits() {
  const char* narrowed = std::getenv("VECTOR_BITS");
  return std::min(vectorBitsOfProcessor(), narrowed ? std::atoi(narrowed) : 512);
}

bool multipliesBfloat16() { return vectorBits() == 512 && multipliesBfloat16OfProcessor(); }

}  // namespace densely
