// Softmax, its logarithm, log-sum-exp, and cross-entropy from logits.
#pragma once
#include "../reader.h"

namespace densely {

void makeSoftmax(Reader& reader, Stages& stages);
void makeSoftmaxCrossEntropy(Reader& reader, Stages& stages);

}  // namespace densely
