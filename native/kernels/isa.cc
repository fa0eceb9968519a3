// Which instruction sets this processor has. The tests have a file of their own in place of this one, to run the narrower kernels too.
#include "isa.h"

namespace densely {

#if defined(__x86_64__)

int vectorBits() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) return 512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 256 : 128;
}

bool multipliesBfloat16() { return vectorBits() == 512 && __builtin_cpu_supports("avx512bf16"); }

#else

int vectorBits() { return 128; }
bool multipliesBfloat16() { return false; }

#endif

}  // namespace densely
