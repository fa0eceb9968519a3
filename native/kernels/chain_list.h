// Written by scripts/chains.ts. Chains as lib/compile makes them: inputs, outs, registers, which inputs are numbers, which outs are sums; then
// operations with their destination and operands.
// linear
DENSELY_CHAIN(2, 1, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0))
DENSELY_CHAIN(2, 2, 0, 1, 2, DENSELY_STEP(multiply, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(3, 1, 0, 1, 0, DENSELY_STEP(multiplyAdd, 3, 0, 1, 2))
DENSELY_CHAIN(3, 1, 0, 2, 0, DENSELY_STEP(multiplyAdd, 3, 1, 0, 2))
// sigmoid
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(sigmoid, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(square, 4, 1, 0, 0), DENSELY_STEP(subtract, 4, 1, 4, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
// tanh
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(tanh, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(square, 4, 1, 0, 0), DENSELY_STEP(multiply, 4, 0, 4, 0), DENSELY_STEP(subtract, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
// relu
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(relu, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(step, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
// relu6
DENSELY_CHAIN(4, 3, 4, 14, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(greater, 8, 7, 2, 0), DENSELY_STEP(greater, 9, 3, 7, 0), DENSELY_STEP(equal, 10, 7, 2, 0), DENSELY_STEP(add, 4, 8, 10, 0), DENSELY_STEP(equal, 10, 7, 3, 0), DENSELY_STEP(add, 5, 9, 10, 0), DENSELY_STEP(select, 7, 5, 3, 7), DENSELY_STEP(select, 6, 4, 2, 7))
DENSELY_CHAIN(4, 3, 3, 14, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(greater, 8, 7, 2, 0), DENSELY_STEP(equal, 9, 7, 2, 0), DENSELY_STEP(add, 4, 8, 9, 0), DENSELY_STEP(greater, 9, 3, 7, 0), DENSELY_STEP(equal, 8, 7, 3, 0), DENSELY_STEP(add, 5, 9, 8, 0), DENSELY_STEP(select, 7, 5, 3, 7), DENSELY_STEP(select, 6, 4, 2, 7))
DENSELY_CHAIN(4, 2, 1, 4, 2, DENSELY_STEP(select, 6, 1, 2, 0), DENSELY_STEP(select, 4, 3, 2, 6), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(4, 1, 4, 14, 0, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(greater, 6, 5, 2, 0), DENSELY_STEP(greater, 7, 3, 5, 0), DENSELY_STEP(equal, 8, 5, 2, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(equal, 6, 5, 3, 0), DENSELY_STEP(add, 6, 7, 6, 0), DENSELY_STEP(select, 5, 6, 3, 5), DENSELY_STEP(select, 4, 8, 2, 5))
DENSELY_CHAIN(4, 1, 4, 14, 0, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(greater, 6, 5, 2, 0), DENSELY_STEP(equal, 7, 5, 2, 0), DENSELY_STEP(add, 7, 6, 7, 0), DENSELY_STEP(greater, 6, 3, 5, 0), DENSELY_STEP(equal, 8, 5, 3, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(select, 5, 8, 3, 5), DENSELY_STEP(select, 4, 7, 2, 5))
// leakyRelu
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(leakyRelu, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 2, 0, 2, DENSELY_STEP(step, 4, 1, 0, 0), DENSELY_STEP(scale, 5, 0, 0, 0), DENSELY_STEP(select, 2, 4, 0, 5), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(leakyRelu, 2, 3, 0, 0))
// elu
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(elu, 3, 2, 0, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(step, 5, 1, 0, 0), DENSELY_STEP(shift, 6, 2, 0, 0), DENSELY_STEP(multiply, 6, 0, 6, 0), DENSELY_STEP(select, 3, 5, 0, 6), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(elu, 2, 3, 0, 0))
// selu
DENSELY_CHAIN(2, 3, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(elu, 3, 2, 0, 0), DENSELY_STEP(scale, 4, 3, 0, 0))
DENSELY_CHAIN(3, 2, 3, 0, 2, DENSELY_STEP(step, 5, 1, 0, 0), DENSELY_STEP(shift, 6, 2, 0, 0), DENSELY_STEP(scale, 7, 0, 0, 0), DENSELY_STEP(multiply, 6, 7, 6, 0), DENSELY_STEP(select, 3, 5, 7, 6), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(elu, 3, 3, 0, 0), DENSELY_STEP(scale, 2, 3, 0, 0))
// gelu
DENSELY_CHAIN(2, 4, 1, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(scale, 3, 2, 0, 0), DENSELY_STEP(erf, 6, 3, 0, 0), DENSELY_STEP(shift, 6, 6, 0, 0), DENSELY_STEP(scale, 4, 6, 0, 0), DENSELY_STEP(multiply, 5, 2, 4, 0))
DENSELY_CHAIN(4, 2, 2, 0, 2, DENSELY_STEP(square, 6, 1, 0, 0), DENSELY_STEP(negate, 6, 6, 0, 0), DENSELY_STEP(exp, 6, 6, 0, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(multiply, 7, 0, 2, 0), DENSELY_STEP(scale, 7, 7, 0, 0), DENSELY_STEP(multiply, 6, 7, 6, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(multiplyAdd, 4, 0, 3, 6), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(scale, 4, 3, 0, 0), DENSELY_STEP(erf, 4, 4, 0, 0), DENSELY_STEP(shift, 4, 4, 0, 0), DENSELY_STEP(scale, 4, 4, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// geluTanh
DENSELY_CHAIN(2, 4, 1, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(square, 3, 2, 0, 0), DENSELY_STEP(multiply, 6, 2, 3, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(add, 6, 2, 6, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(sigmoid, 4, 6, 0, 0), DENSELY_STEP(multiply, 5, 2, 4, 0))
DENSELY_CHAIN(4, 2, 4, 0, 2, DENSELY_STEP(square, 6, 1, 0, 0), DENSELY_STEP(subtract, 6, 1, 6, 0), DENSELY_STEP(scale, 7, 2, 0, 0), DENSELY_STEP(multiply, 8, 0, 2, 0), DENSELY_STEP(multiply, 6, 8, 6, 0), DENSELY_STEP(scale, 8, 6, 0, 0), DENSELY_STEP(multiplyAdd, 8, 0, 1, 8), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(multiply, 9, 6, 2, 0), DENSELY_STEP(multiplyAdd, 8, 6, 3, 8), DENSELY_STEP(multiplyAdd, 4, 9, 7, 8), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(square, 4, 3, 0, 0), DENSELY_STEP(multiply, 4, 3, 4, 0), DENSELY_STEP(scale, 4, 4, 0, 0), DENSELY_STEP(add, 4, 3, 4, 0), DENSELY_STEP(scale, 4, 4, 0, 0), DENSELY_STEP(sigmoid, 4, 4, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// silu
DENSELY_CHAIN(2, 3, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sigmoid, 3, 2, 0, 0), DENSELY_STEP(multiply, 4, 2, 3, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(square, 5, 1, 0, 0), DENSELY_STEP(subtract, 5, 1, 5, 0), DENSELY_STEP(multiply, 6, 0, 2, 0), DENSELY_STEP(multiply, 5, 6, 5, 0), DENSELY_STEP(multiplyAdd, 3, 0, 1, 5), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(sigmoid, 4, 3, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// mish
DENSELY_CHAIN(2, 3, 1, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(softplus, 5, 2, 0, 0), DENSELY_STEP(tanh, 3, 5, 0, 0), DENSELY_STEP(multiply, 4, 2, 3, 0))
DENSELY_CHAIN(3, 2, 3, 0, 2, DENSELY_STEP(square, 5, 1, 0, 0), DENSELY_STEP(sigmoid, 6, 2, 0, 0), DENSELY_STEP(multiply, 7, 0, 2, 0), DENSELY_STEP(multiply, 5, 7, 5, 0), DENSELY_STEP(subtract, 5, 7, 5, 0), DENSELY_STEP(multiply, 6, 5, 6, 0), DENSELY_STEP(multiplyAdd, 3, 0, 1, 6), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(softplus, 4, 3, 0, 0), DENSELY_STEP(tanh, 4, 4, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// softplus
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(softplus, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(sigmoid, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(softplus, 2, 3, 0, 0))
// softsign
DENSELY_CHAIN(2, 3, 1, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(abs, 5, 2, 0, 0), DENSELY_STEP(shift, 3, 5, 0, 0), DENSELY_STEP(divide, 4, 2, 3, 0))
DENSELY_CHAIN(4, 2, 3, 0, 2, DENSELY_STEP(sign, 6, 1, 0, 0), DENSELY_STEP(divide, 7, 0, 2, 0), DENSELY_STEP(multiply, 8, 0, 3, 0), DENSELY_STEP(divide, 8, 8, 2, 0), DENSELY_STEP(negate, 8, 8, 0, 0), DENSELY_STEP(multiplyAdd, 4, 8, 6, 7), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(abs, 4, 3, 0, 0), DENSELY_STEP(shift, 4, 4, 0, 0), DENSELY_STEP(divide, 2, 3, 4, 0))
// logSigmoid
DENSELY_CHAIN(2, 2, 1, 2, 0, DENSELY_STEP(add, 4, 0, 1, 0), DENSELY_STEP(negate, 2, 4, 0, 0), DENSELY_STEP(softplus, 4, 2, 0, 0), DENSELY_STEP(negate, 3, 4, 0, 0))
DENSELY_CHAIN(2, 2, 2, 0, 2, DENSELY_STEP(sigmoid, 4, 1, 0, 0), DENSELY_STEP(negate, 5, 0, 0, 0), DENSELY_STEP(multiply, 4, 5, 4, 0), DENSELY_STEP(negate, 2, 4, 0, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(negate, 3, 3, 0, 0), DENSELY_STEP(softplus, 3, 3, 0, 0), DENSELY_STEP(negate, 2, 3, 0, 0))
// hardSigmoid
DENSELY_CHAIN(4, 3, 4, 14, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(shift, 7, 7, 0, 0), DENSELY_STEP(greater, 8, 7, 2, 0), DENSELY_STEP(greater, 9, 3, 7, 0), DENSELY_STEP(equal, 10, 7, 2, 0), DENSELY_STEP(add, 4, 8, 10, 0), DENSELY_STEP(equal, 10, 7, 3, 0), DENSELY_STEP(add, 5, 9, 10, 0), DENSELY_STEP(select, 7, 5, 3, 7), DENSELY_STEP(select, 7, 4, 2, 7), DENSELY_STEP(scale, 6, 7, 0, 0))
DENSELY_CHAIN(4, 3, 3, 14, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(shift, 7, 7, 0, 0), DENSELY_STEP(greater, 8, 7, 2, 0), DENSELY_STEP(equal, 9, 7, 2, 0), DENSELY_STEP(add, 4, 8, 9, 0), DENSELY_STEP(greater, 9, 3, 7, 0), DENSELY_STEP(equal, 8, 7, 3, 0), DENSELY_STEP(add, 5, 9, 8, 0), DENSELY_STEP(select, 7, 5, 3, 7), DENSELY_STEP(select, 7, 4, 2, 7), DENSELY_STEP(scale, 6, 7, 0, 0))
DENSELY_CHAIN(4, 2, 1, 4, 2, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(select, 6, 1, 2, 6), DENSELY_STEP(select, 4, 3, 2, 6), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(4, 1, 4, 14, 0, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(shift, 5, 5, 0, 0), DENSELY_STEP(greater, 6, 5, 2, 0), DENSELY_STEP(greater, 7, 3, 5, 0), DENSELY_STEP(equal, 8, 5, 2, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(equal, 6, 5, 3, 0), DENSELY_STEP(add, 6, 7, 6, 0), DENSELY_STEP(select, 5, 6, 3, 5), DENSELY_STEP(select, 5, 8, 2, 5), DENSELY_STEP(scale, 4, 5, 0, 0))
DENSELY_CHAIN(4, 1, 4, 14, 0, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(shift, 5, 5, 0, 0), DENSELY_STEP(greater, 6, 5, 2, 0), DENSELY_STEP(equal, 7, 5, 2, 0), DENSELY_STEP(add, 7, 6, 7, 0), DENSELY_STEP(greater, 6, 3, 5, 0), DENSELY_STEP(equal, 8, 5, 3, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(select, 5, 8, 3, 5), DENSELY_STEP(select, 5, 7, 2, 5), DENSELY_STEP(scale, 4, 5, 0, 0))
// hardSwish
DENSELY_CHAIN(4, 5, 1, 14, 0, DENSELY_STEP(add, 4, 0, 1, 0), DENSELY_STEP(shift, 9, 4, 0, 0), DENSELY_STEP(greater, 5, 9, 2, 0), DENSELY_STEP(greater, 6, 3, 9, 0), DENSELY_STEP(select, 9, 6, 3, 9), DENSELY_STEP(select, 7, 5, 2, 9), DENSELY_STEP(multiply, 9, 4, 7, 0), DENSELY_STEP(scale, 8, 9, 0, 0))
DENSELY_CHAIN(6, 2, 2, 8, 2, DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(multiply, 9, 8, 1, 0), DENSELY_STEP(select, 9, 2, 3, 9), DENSELY_STEP(select, 9, 4, 3, 9), DENSELY_STEP(multiplyAdd, 6, 8, 5, 9), DENSELY_STEP(sumColumns, 7, 6, 0, 0))
DENSELY_CHAIN(4, 1, 4, 14, 0, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(shift, 6, 5, 0, 0), DENSELY_STEP(greater, 7, 6, 2, 0), DENSELY_STEP(greater, 8, 3, 6, 0), DENSELY_STEP(select, 6, 8, 3, 6), DENSELY_STEP(select, 6, 7, 2, 6), DENSELY_STEP(multiply, 6, 5, 6, 0), DENSELY_STEP(scale, 4, 6, 0, 0))
// abs
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(abs, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(sign, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(abs, 2, 3, 0, 0))
// sin
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sin, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(cos, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(sin, 2, 3, 0, 0))
// cos
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(cos, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(sin, 4, 1, 0, 0), DENSELY_STEP(multiply, 4, 0, 4, 0), DENSELY_STEP(negate, 2, 4, 0, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(cos, 2, 3, 0, 0))
// exp
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(exp, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 0, 0, 2, DENSELY_STEP(multiply, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
// softmax
DENSELY_CHAIN(2, 2, 0, 0, 0, DENSELY_STEP(copy, 2, 0, 0, 0), DENSELY_STEP(multiply, 3, 0, 1, 0))
DENSELY_CHAIN(3, 2, 1, 0, 2, DENSELY_STEP(subtract, 5, 0, 1, 0), DENSELY_STEP(multiply, 3, 2, 5, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
// logSoftmax
DENSELY_CHAIN(1, 1, 0, 0, 0, DENSELY_STEP(copy, 1, 0, 0, 0))
DENSELY_CHAIN(3, 2, 1, 0, 2, DENSELY_STEP(exp, 5, 0, 0, 0), DENSELY_STEP(multiply, 5, 5, 1, 0), DENSELY_STEP(subtract, 3, 2, 5, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
// dropout
DENSELY_CHAIN(3, 3, 1, 2, 0, DENSELY_STEP(add, 6, 0, 1, 0), DENSELY_STEP(relu, 3, 6, 0, 0), DENSELY_STEP(shift, 6, 2, 0, 0), DENSELY_STEP(step, 6, 6, 0, 0), DENSELY_STEP(scale, 4, 6, 0, 0), DENSELY_STEP(multiply, 5, 3, 4, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(step, 5, 1, 0, 0), DENSELY_STEP(multiply, 6, 0, 2, 0), DENSELY_STEP(multiply, 3, 6, 5, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
// batchNorm
DENSELY_CHAIN(2, 2, 0, 2, 2, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(4, 2, 1, 10, 0, DENSELY_STEP(multiply, 4, 0, 1, 0), DENSELY_STEP(negate, 6, 2, 0, 0), DENSELY_STEP(add, 6, 4, 6, 0), DENSELY_STEP(multiplyAdd, 5, 3, 6, 2))
DENSELY_CHAIN(5, 2, 2, 28, 0, DENSELY_STEP(negate, 7, 0, 0, 0), DENSELY_STEP(multiply, 8, 1, 2, 0), DENSELY_STEP(multiplyAdd, 7, 8, 3, 7), DENSELY_STEP(multiplyAdd, 5, 4, 7, 0), DENSELY_STEP(shift, 8, 8, 0, 0), DENSELY_STEP(sqrt, 6, 8, 0, 0))
DENSELY_CHAIN(4, 2, 1, 14, 0, DENSELY_STEP(divide, 4, 0, 1, 0), DENSELY_STEP(multiply, 6, 4, 2, 0), DENSELY_STEP(add, 5, 6, 3, 0))
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(scale, 4, 0, 0, 0), DENSELY_STEP(divide, 4, 4, 1, 0), DENSELY_STEP(multiply, 3, 4, 2, 0))
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(add, 4, 0, 1, 0), DENSELY_STEP(multiply, 3, 4, 2, 0))
DENSELY_CHAIN(3, 2, 1, 4, 2, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(add, 3, 5, 2, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(1, 1, 1, 0, 0, DENSELY_STEP(shift, 2, 0, 0, 0), DENSELY_STEP(sqrt, 1, 2, 0, 0))
DENSELY_CHAIN(6, 1, 1, 62, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(subtract, 7, 7, 2, 0), DENSELY_STEP(divide, 7, 7, 3, 0), DENSELY_STEP(multiplyAdd, 6, 7, 4, 5))
// layerNorm
DENSELY_CHAIN(1, 1, 0, 0, 0, DENSELY_STEP(scale, 1, 0, 0, 0))
DENSELY_CHAIN(2, 2, 0, 0, 0, DENSELY_STEP(subtract, 2, 0, 1, 0), DENSELY_STEP(square, 3, 2, 0, 0))
DENSELY_CHAIN(1, 1, 1, 0, 0, DENSELY_STEP(scale, 2, 0, 0, 0), DENSELY_STEP(shift, 2, 2, 0, 0), DENSELY_STEP(sqrt, 1, 2, 0, 0))
DENSELY_CHAIN(4, 2, 1, 12, 0, DENSELY_STEP(divide, 4, 0, 1, 0), DENSELY_STEP(multiply, 6, 4, 2, 0), DENSELY_STEP(add, 5, 6, 3, 0))
DENSELY_CHAIN(2, 1, 1, 0, 0, DENSELY_STEP(scale, 3, 0, 0, 0), DENSELY_STEP(divide, 3, 3, 1, 0), DENSELY_STEP(scale, 2, 3, 0, 0))
DENSELY_CHAIN(4, 2, 2, 0, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(divide, 7, 1, 2, 0), DENSELY_STEP(multiplyAdd, 4, 3, 6, 7), DENSELY_STEP(negate, 5, 4, 0, 0))
DENSELY_CHAIN(2, 2, 0, 0, 2, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(4, 1, 1, 12, 0, DENSELY_STEP(divide, 5, 0, 1, 0), DENSELY_STEP(multiplyAdd, 4, 5, 2, 3))
// sgd {"momentum":0.9}
DENSELY_CHAIN(4, 2, 1, 4, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(add, 4, 6, 1, 0), DENSELY_STEP(multiplyAdd, 5, 2, 4, 3))
DENSELY_CHAIN(4, 2, 1, 4, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(add, 4, 6, 0, 0), DENSELY_STEP(multiplyAdd, 5, 2, 4, 3))
// sgd {"momentum":0.9,"nesterov":true}
DENSELY_CHAIN(4, 2, 1, 4, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(add, 4, 6, 1, 0), DENSELY_STEP(scale, 6, 4, 0, 0), DENSELY_STEP(add, 6, 1, 6, 0), DENSELY_STEP(multiplyAdd, 5, 2, 6, 3))
DENSELY_CHAIN(4, 2, 1, 4, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(add, 4, 6, 0, 0), DENSELY_STEP(scale, 6, 4, 0, 0), DENSELY_STEP(add, 6, 0, 6, 0), DENSELY_STEP(multiplyAdd, 5, 2, 6, 3))
// sgd {"weightDecay":0.0001}
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(scale, 4, 0, 0, 0), DENSELY_STEP(add, 4, 1, 4, 0), DENSELY_STEP(multiplyAdd, 3, 2, 4, 0))
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(scale, 4, 1, 0, 0), DENSELY_STEP(add, 4, 0, 4, 0), DENSELY_STEP(multiplyAdd, 3, 2, 4, 1))
// sgd {"momentum":0.9,"weightDecay":0.0001}
DENSELY_CHAIN(4, 2, 2, 8, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(scale, 7, 1, 0, 0), DENSELY_STEP(add, 6, 2, 6, 0), DENSELY_STEP(add, 4, 7, 6, 0), DENSELY_STEP(multiplyAdd, 5, 3, 4, 0))
DENSELY_CHAIN(4, 2, 2, 8, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(scale, 7, 2, 0, 0), DENSELY_STEP(add, 6, 0, 6, 0), DENSELY_STEP(add, 4, 7, 6, 0), DENSELY_STEP(multiplyAdd, 5, 3, 4, 1))
// sgd {"momentum":0.9,"nesterov":true,"weightDecay":0.0001}
DENSELY_CHAIN(4, 2, 2, 8, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(scale, 7, 1, 0, 0), DENSELY_STEP(add, 6, 2, 6, 0), DENSELY_STEP(add, 4, 7, 6, 0), DENSELY_STEP(scale, 7, 4, 0, 0), DENSELY_STEP(add, 7, 6, 7, 0), DENSELY_STEP(multiplyAdd, 5, 3, 7, 0))
DENSELY_CHAIN(4, 2, 2, 8, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(scale, 7, 2, 0, 0), DENSELY_STEP(add, 6, 0, 6, 0), DENSELY_STEP(add, 4, 7, 6, 0), DENSELY_STEP(scale, 7, 4, 0, 0), DENSELY_STEP(add, 7, 6, 7, 0), DENSELY_STEP(multiplyAdd, 5, 3, 7, 1))
// adam {}
DENSELY_CHAIN(6, 3, 3, 24, 0, DENSELY_STEP(scale, 9, 0, 0, 0), DENSELY_STEP(scale, 10, 1, 0, 0), DENSELY_STEP(scale, 11, 2, 0, 0), DENSELY_STEP(add, 6, 9, 11, 0), DENSELY_STEP(square, 11, 2, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0), DENSELY_STEP(sqrt, 11, 7, 0, 0), DENSELY_STEP(multiply, 11, 11, 3, 0), DENSELY_STEP(shift, 11, 11, 0, 0), DENSELY_STEP(divide, 11, 6, 11, 0), DENSELY_STEP(multiplyAdd, 8, 4, 11, 5))
DENSELY_CHAIN(6, 3, 3, 24, 0, DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(scale, 11, 0, 0, 0), DENSELY_STEP(add, 6, 9, 11, 0), DENSELY_STEP(square, 11, 0, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0), DENSELY_STEP(sqrt, 11, 7, 0, 0), DENSELY_STEP(multiply, 11, 11, 3, 0), DENSELY_STEP(shift, 11, 11, 0, 0), DENSELY_STEP(divide, 11, 6, 11, 0), DENSELY_STEP(multiplyAdd, 8, 4, 11, 5))
// adam {"weightDecay":0.0001}
DENSELY_CHAIN(6, 3, 4, 48, 0, DENSELY_STEP(scale, 9, 0, 0, 0), DENSELY_STEP(scale, 10, 1, 0, 0), DENSELY_STEP(scale, 11, 2, 0, 0), DENSELY_STEP(add, 9, 3, 9, 0), DENSELY_STEP(scale, 12, 9, 0, 0), DENSELY_STEP(add, 6, 10, 12, 0), DENSELY_STEP(square, 9, 9, 0, 0), DENSELY_STEP(scale, 9, 9, 0, 0), DENSELY_STEP(add, 7, 11, 9, 0), DENSELY_STEP(sqrt, 9, 7, 0, 0), DENSELY_STEP(multiply, 9, 9, 4, 0), DENSELY_STEP(shift, 9, 9, 0, 0), DENSELY_STEP(divide, 9, 6, 9, 0), DENSELY_STEP(multiplyAdd, 8, 5, 9, 0))
DENSELY_CHAIN(6, 3, 4, 48, 0, DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(scale, 11, 3, 0, 0), DENSELY_STEP(add, 9, 0, 9, 0), DENSELY_STEP(scale, 12, 9, 0, 0), DENSELY_STEP(add, 6, 10, 12, 0), DENSELY_STEP(square, 9, 9, 0, 0), DENSELY_STEP(scale, 9, 9, 0, 0), DENSELY_STEP(add, 7, 11, 9, 0), DENSELY_STEP(sqrt, 9, 7, 0, 0), DENSELY_STEP(multiply, 9, 9, 4, 0), DENSELY_STEP(shift, 9, 9, 0, 0), DENSELY_STEP(divide, 9, 6, 9, 0), DENSELY_STEP(multiplyAdd, 8, 5, 9, 1))
// adam {"amsgrad":true}
DENSELY_CHAIN(7, 4, 3, 48, 0, DENSELY_STEP(scale, 11, 0, 0, 0), DENSELY_STEP(scale, 12, 1, 0, 0), DENSELY_STEP(scale, 13, 2, 0, 0), DENSELY_STEP(add, 7, 11, 13, 0), DENSELY_STEP(square, 13, 2, 0, 0), DENSELY_STEP(scale, 13, 13, 0, 0), DENSELY_STEP(add, 8, 12, 13, 0), DENSELY_STEP(maximum, 9, 3, 8, 0), DENSELY_STEP(sqrt, 13, 9, 0, 0), DENSELY_STEP(multiply, 13, 13, 4, 0), DENSELY_STEP(shift, 13, 13, 0, 0), DENSELY_STEP(divide, 13, 7, 13, 0), DENSELY_STEP(multiplyAdd, 10, 5, 13, 6))
DENSELY_CHAIN(7, 4, 3, 48, 0, DENSELY_STEP(scale, 11, 1, 0, 0), DENSELY_STEP(scale, 12, 2, 0, 0), DENSELY_STEP(scale, 13, 0, 0, 0), DENSELY_STEP(add, 7, 11, 13, 0), DENSELY_STEP(square, 13, 0, 0, 0), DENSELY_STEP(scale, 13, 13, 0, 0), DENSELY_STEP(add, 8, 12, 13, 0), DENSELY_STEP(maximum, 9, 3, 8, 0), DENSELY_STEP(sqrt, 13, 9, 0, 0), DENSELY_STEP(multiply, 13, 13, 4, 0), DENSELY_STEP(shift, 13, 13, 0, 0), DENSELY_STEP(divide, 13, 7, 13, 0), DENSELY_STEP(multiplyAdd, 10, 5, 13, 6))
// adamw {}
DENSELY_CHAIN(7, 3, 4, 98, 0, DENSELY_STEP(multiply, 10, 0, 1, 0), DENSELY_STEP(scale, 11, 2, 0, 0), DENSELY_STEP(scale, 12, 3, 0, 0), DENSELY_STEP(scale, 13, 4, 0, 0), DENSELY_STEP(add, 7, 11, 13, 0), DENSELY_STEP(square, 13, 4, 0, 0), DENSELY_STEP(scale, 13, 13, 0, 0), DENSELY_STEP(add, 8, 12, 13, 0), DENSELY_STEP(sqrt, 13, 8, 0, 0), DENSELY_STEP(multiply, 13, 13, 5, 0), DENSELY_STEP(shift, 13, 13, 0, 0), DENSELY_STEP(divide, 13, 7, 13, 0), DENSELY_STEP(multiplyAdd, 9, 6, 13, 10))
DENSELY_CHAIN(7, 3, 4, 100, 0, DENSELY_STEP(multiply, 10, 1, 2, 0), DENSELY_STEP(scale, 11, 3, 0, 0), DENSELY_STEP(scale, 12, 4, 0, 0), DENSELY_STEP(scale, 13, 0, 0, 0), DENSELY_STEP(add, 7, 11, 13, 0), DENSELY_STEP(square, 13, 0, 0, 0), DENSELY_STEP(scale, 13, 13, 0, 0), DENSELY_STEP(add, 8, 12, 13, 0), DENSELY_STEP(sqrt, 13, 8, 0, 0), DENSELY_STEP(multiply, 13, 13, 5, 0), DENSELY_STEP(shift, 13, 13, 0, 0), DENSELY_STEP(divide, 13, 7, 13, 0), DENSELY_STEP(multiplyAdd, 9, 6, 13, 10))
// nadam {}
DENSELY_CHAIN(7, 3, 3, 56, 0, DENSELY_STEP(scale, 10, 0, 0, 0), DENSELY_STEP(scale, 11, 1, 0, 0), DENSELY_STEP(scale, 12, 2, 0, 0), DENSELY_STEP(add, 7, 10, 12, 0), DENSELY_STEP(square, 12, 2, 0, 0), DENSELY_STEP(scale, 12, 12, 0, 0), DENSELY_STEP(add, 8, 11, 12, 0), DENSELY_STEP(sqrt, 12, 8, 0, 0), DENSELY_STEP(multiply, 12, 12, 3, 0), DENSELY_STEP(shift, 12, 12, 0, 0), DENSELY_STEP(multiply, 11, 4, 2, 0), DENSELY_STEP(multiplyAdd, 11, 5, 7, 11), DENSELY_STEP(divide, 12, 11, 12, 0), DENSELY_STEP(add, 9, 12, 6, 0))
DENSELY_CHAIN(7, 3, 3, 56, 0, DENSELY_STEP(scale, 10, 1, 0, 0), DENSELY_STEP(scale, 11, 2, 0, 0), DENSELY_STEP(scale, 12, 0, 0, 0), DENSELY_STEP(add, 7, 10, 12, 0), DENSELY_STEP(square, 12, 0, 0, 0), DENSELY_STEP(scale, 12, 12, 0, 0), DENSELY_STEP(add, 8, 11, 12, 0), DENSELY_STEP(sqrt, 12, 8, 0, 0), DENSELY_STEP(multiply, 12, 12, 3, 0), DENSELY_STEP(shift, 12, 12, 0, 0), DENSELY_STEP(multiply, 11, 4, 0, 0), DENSELY_STEP(multiplyAdd, 11, 5, 7, 11), DENSELY_STEP(divide, 12, 11, 12, 0), DENSELY_STEP(add, 9, 12, 6, 0))
// radam {}
DENSELY_CHAIN(6, 3, 3, 24, 0, DENSELY_STEP(scale, 9, 0, 0, 0), DENSELY_STEP(scale, 10, 1, 0, 0), DENSELY_STEP(scale, 11, 2, 0, 0), DENSELY_STEP(add, 6, 9, 11, 0), DENSELY_STEP(square, 11, 2, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0), DENSELY_STEP(sqrt, 11, 7, 0, 0), DENSELY_STEP(shift, 11, 11, 0, 0), DENSELY_STEP(divide, 11, 3, 11, 0), DENSELY_STEP(add, 11, 11, 4, 0), DENSELY_STEP(multiplyAdd, 8, 11, 6, 5))
DENSELY_CHAIN(6, 3, 3, 24, 0, DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(scale, 11, 0, 0, 0), DENSELY_STEP(add, 6, 9, 11, 0), DENSELY_STEP(square, 11, 0, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0), DENSELY_STEP(sqrt, 11, 7, 0, 0), DENSELY_STEP(shift, 11, 11, 0, 0), DENSELY_STEP(divide, 11, 3, 11, 0), DENSELY_STEP(add, 11, 11, 4, 0), DENSELY_STEP(multiplyAdd, 8, 11, 6, 5))
// adamax {}
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(abs, 10, 2, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(maximum, 6, 9, 10, 0), DENSELY_STEP(divide, 10, 5, 6, 0), DENSELY_STEP(multiplyAdd, 7, 3, 10, 4))
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(scale, 9, 2, 0, 0), DENSELY_STEP(scale, 10, 0, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(abs, 10, 0, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(maximum, 6, 9, 10, 0), DENSELY_STEP(divide, 10, 5, 6, 0), DENSELY_STEP(multiplyAdd, 7, 3, 10, 4))
// rmsprop {}
DENSELY_CHAIN(4, 2, 2, 4, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(square, 7, 1, 0, 0), DENSELY_STEP(scale, 7, 7, 0, 0), DENSELY_STEP(add, 4, 6, 7, 0), DENSELY_STEP(sqrt, 7, 4, 0, 0), DENSELY_STEP(shift, 7, 7, 0, 0), DENSELY_STEP(divide, 7, 1, 7, 0), DENSELY_STEP(multiplyAdd, 5, 2, 7, 3))
DENSELY_CHAIN(4, 2, 2, 4, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(square, 7, 0, 0, 0), DENSELY_STEP(scale, 7, 7, 0, 0), DENSELY_STEP(add, 4, 6, 7, 0), DENSELY_STEP(sqrt, 7, 4, 0, 0), DENSELY_STEP(shift, 7, 7, 0, 0), DENSELY_STEP(divide, 7, 0, 7, 0), DENSELY_STEP(multiplyAdd, 5, 2, 7, 3))
// rmsprop {"momentum":0.9}
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(square, 10, 2, 0, 0), DENSELY_STEP(scale, 10, 10, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(sqrt, 10, 5, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(divide, 10, 2, 10, 0), DENSELY_STEP(add, 6, 9, 10, 0), DENSELY_STEP(multiplyAdd, 7, 3, 6, 4))
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(scale, 9, 2, 0, 0), DENSELY_STEP(square, 10, 0, 0, 0), DENSELY_STEP(scale, 10, 10, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(sqrt, 10, 5, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(divide, 10, 0, 10, 0), DENSELY_STEP(add, 6, 9, 10, 0), DENSELY_STEP(multiplyAdd, 7, 3, 6, 4))
// rmsprop {"centered":true}
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(scale, 9, 1, 0, 0), DENSELY_STEP(square, 10, 2, 0, 0), DENSELY_STEP(scale, 10, 10, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(add, 6, 9, 10, 0), DENSELY_STEP(square, 10, 6, 0, 0), DENSELY_STEP(subtract, 10, 5, 10, 0), DENSELY_STEP(relu, 10, 10, 0, 0), DENSELY_STEP(sqrt, 10, 10, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(divide, 10, 2, 10, 0), DENSELY_STEP(multiplyAdd, 7, 3, 10, 4))
DENSELY_CHAIN(5, 3, 3, 8, 0, DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(scale, 9, 2, 0, 0), DENSELY_STEP(square, 10, 0, 0, 0), DENSELY_STEP(scale, 10, 10, 0, 0), DENSELY_STEP(add, 5, 8, 10, 0), DENSELY_STEP(scale, 10, 0, 0, 0), DENSELY_STEP(add, 6, 9, 10, 0), DENSELY_STEP(square, 10, 6, 0, 0), DENSELY_STEP(subtract, 10, 5, 10, 0), DENSELY_STEP(relu, 10, 10, 0, 0), DENSELY_STEP(sqrt, 10, 10, 0, 0), DENSELY_STEP(shift, 10, 10, 0, 0), DENSELY_STEP(divide, 10, 0, 10, 0), DENSELY_STEP(multiplyAdd, 7, 3, 10, 4))
// adagrad {}
DENSELY_CHAIN(4, 2, 1, 4, 0, DENSELY_STEP(square, 6, 0, 0, 0), DENSELY_STEP(add, 4, 1, 6, 0), DENSELY_STEP(sqrt, 6, 4, 0, 0), DENSELY_STEP(shift, 6, 6, 0, 0), DENSELY_STEP(divide, 6, 0, 6, 0), DENSELY_STEP(multiplyAdd, 5, 2, 6, 3))
// adadelta {}
DENSELY_CHAIN(5, 3, 4, 8, 0, DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(shift, 9, 1, 0, 0), DENSELY_STEP(scale, 10, 1, 0, 0), DENSELY_STEP(square, 11, 2, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 5, 8, 11, 0), DENSELY_STEP(shift, 11, 5, 0, 0), DENSELY_STEP(divide, 11, 9, 11, 0), DENSELY_STEP(sqrt, 11, 11, 0, 0), DENSELY_STEP(multiply, 11, 11, 2, 0), DENSELY_STEP(multiplyAdd, 6, 3, 11, 4), DENSELY_STEP(square, 11, 11, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0))
DENSELY_CHAIN(5, 3, 4, 8, 0, DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(shift, 9, 2, 0, 0), DENSELY_STEP(scale, 10, 2, 0, 0), DENSELY_STEP(square, 11, 0, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 5, 8, 11, 0), DENSELY_STEP(shift, 11, 5, 0, 0), DENSELY_STEP(divide, 11, 9, 11, 0), DENSELY_STEP(sqrt, 11, 11, 0, 0), DENSELY_STEP(multiply, 11, 11, 0, 0), DENSELY_STEP(multiplyAdd, 6, 3, 11, 4), DENSELY_STEP(square, 11, 11, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(add, 7, 10, 11, 0))
// lion {}
DENSELY_CHAIN(4, 2, 3, 4, 0, DENSELY_STEP(scale, 6, 0, 0, 0), DENSELY_STEP(scale, 7, 0, 0, 0), DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(sign, 8, 8, 0, 0), DENSELY_STEP(multiplyAdd, 4, 2, 8, 3), DENSELY_STEP(scale, 8, 1, 0, 0), DENSELY_STEP(add, 5, 7, 8, 0))
DENSELY_CHAIN(4, 2, 3, 4, 0, DENSELY_STEP(scale, 6, 1, 0, 0), DENSELY_STEP(scale, 7, 1, 0, 0), DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(add, 8, 6, 8, 0), DENSELY_STEP(sign, 8, 8, 0, 0), DENSELY_STEP(multiplyAdd, 4, 2, 8, 3), DENSELY_STEP(scale, 8, 0, 0, 0), DENSELY_STEP(add, 5, 7, 8, 0))
