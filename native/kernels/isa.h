// Which instruction sets this processor has.
#pragma once

namespace densely {

// The widest vectors, in bits, for which there are kernels that run here: 512 (AVX-512 F, VL, DQ and BW), 256 (AVX2 with FMA), or 128.
int vectorBits();

// Products of bfloat16 (AVX512-BF16), with vectors of 512 bits.
bool multipliesBfloat16();

}  // namespace densely
