// Written by scripts/chains.ts. Chains as lib/compile makes them: inputs, outs, registers, which inputs are numbers, which outs are sums; then
// operations with their destination and operands.
// linear
DENSELY_CHAIN(2, 1, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0))
DENSELY_CHAIN(2, 1, 1, 0, 1, DENSELY_STEP(equal, 3, 0, 1, 0), DENSELY_STEP(sumColumns, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 0, 1, 2, DENSELY_STEP(multiply, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(3, 1, 0, 1, 0, DENSELY_STEP(multiplyAdd, 3, 0, 1, 2))
DENSELY_CHAIN(1, 2, 0, 0, 2, DENSELY_STEP(copy, 1, 0, 0, 0), DENSELY_STEP(sumColumns, 2, 0, 0, 0))
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
// leakyRelu
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(leakyRelu, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 2, 0, 2, DENSELY_STEP(step, 4, 1, 0, 0), DENSELY_STEP(scale, 5, 0, 0, 0), DENSELY_STEP(select, 2, 4, 0, 5), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(leakyRelu, 2, 3, 0, 0))
// elu
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(elu, 3, 2, 0, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(step, 5, 1, 0, 0), DENSELY_STEP(shift, 6, 2, 0, 0), DENSELY_STEP(multiply, 6, 0, 6, 0), DENSELY_STEP(select, 3, 5, 0, 6), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(elu, 2, 3, 0, 0))
// gelu
DENSELY_CHAIN(2, 4, 1, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(scale, 3, 2, 0, 0), DENSELY_STEP(erf, 6, 3, 0, 0), DENSELY_STEP(shift, 6, 6, 0, 0), DENSELY_STEP(scale, 4, 6, 0, 0), DENSELY_STEP(multiply, 5, 2, 4, 0))
DENSELY_CHAIN(4, 2, 2, 0, 2, DENSELY_STEP(square, 6, 1, 0, 0), DENSELY_STEP(negate, 6, 6, 0, 0), DENSELY_STEP(exp, 6, 6, 0, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(multiply, 7, 0, 2, 0), DENSELY_STEP(scale, 7, 7, 0, 0), DENSELY_STEP(multiply, 6, 7, 6, 0), DENSELY_STEP(scale, 6, 6, 0, 0), DENSELY_STEP(multiplyAdd, 4, 0, 3, 6), DENSELY_STEP(sumColumns, 5, 4, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(scale, 4, 3, 0, 0), DENSELY_STEP(erf, 4, 4, 0, 0), DENSELY_STEP(shift, 4, 4, 0, 0), DENSELY_STEP(scale, 4, 4, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// silu
DENSELY_CHAIN(2, 3, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sigmoid, 3, 2, 0, 0), DENSELY_STEP(multiply, 4, 2, 3, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(square, 5, 1, 0, 0), DENSELY_STEP(subtract, 5, 1, 5, 0), DENSELY_STEP(multiply, 6, 0, 2, 0), DENSELY_STEP(multiply, 5, 6, 5, 0), DENSELY_STEP(multiplyAdd, 3, 0, 1, 5), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(2, 1, 2, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(sigmoid, 4, 3, 0, 0), DENSELY_STEP(multiply, 2, 3, 4, 0))
// softplus
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(softplus, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(sigmoid, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(softplus, 2, 3, 0, 0))
// binaryCrossEntropy
DENSELY_CHAIN(4, 4, 3, 10, 11, DENSELY_STEP(add, 8, 0, 1, 0), DENSELY_STEP(softplus, 9, 8, 0, 0), DENSELY_STEP(multiply, 10, 2, 8, 0), DENSELY_STEP(subtract, 10, 9, 10, 0), DENSELY_STEP(sumColumns, 4, 10, 0, 0), DENSELY_STEP(step, 10, 8, 0, 0), DENSELY_STEP(shift, 9, 2, 0, 0), DENSELY_STEP(step, 9, 9, 0, 0), DENSELY_STEP(equal, 9, 10, 9, 0), DENSELY_STEP(sumColumns, 5, 9, 0, 0), DENSELY_STEP(sigmoid, 8, 8, 0, 0), DENSELY_STEP(negate, 9, 3, 0, 0), DENSELY_STEP(multiply, 8, 3, 8, 0), DENSELY_STEP(multiplyAdd, 6, 9, 2, 8), DENSELY_STEP(sumColumns, 7, 6, 0, 0))
// binaryCrossEntropy of several
DENSELY_CHAIN(1, 1, 0, 1, 0, DENSELY_STEP(scale, 1, 0, 0, 0))
DENSELY_CHAIN(4, 4, 3, 2, 8, DENSELY_STEP(add, 8, 0, 1, 0), DENSELY_STEP(softplus, 9, 8, 0, 0), DENSELY_STEP(multiply, 10, 2, 8, 0), DENSELY_STEP(subtract, 4, 9, 10, 0), DENSELY_STEP(step, 10, 8, 0, 0), DENSELY_STEP(shift, 9, 2, 0, 0), DENSELY_STEP(step, 9, 9, 0, 0), DENSELY_STEP(equal, 5, 10, 9, 0), DENSELY_STEP(sigmoid, 8, 8, 0, 0), DENSELY_STEP(negate, 9, 3, 0, 0), DENSELY_STEP(multiply, 8, 3, 8, 0), DENSELY_STEP(multiplyAdd, 6, 9, 2, 8), DENSELY_STEP(sumColumns, 7, 6, 0, 0))
DENSELY_CHAIN(1, 1, 1, 0, 1, DENSELY_STEP(scale, 2, 0, 0, 0), DENSELY_STEP(sumColumns, 1, 2, 0, 0))
// meanSquaredError, 1
DENSELY_CHAIN(4, 4, 2, 10, 11, DENSELY_STEP(add, 8, 0, 1, 0), DENSELY_STEP(subtract, 8, 8, 2, 0), DENSELY_STEP(square, 9, 8, 0, 0), DENSELY_STEP(sumColumns, 4, 9, 0, 0), DENSELY_STEP(scale, 9, 8, 0, 0), DENSELY_STEP(abs, 8, 8, 0, 0), DENSELY_STEP(sumColumns, 5, 8, 0, 0), DENSELY_STEP(multiply, 6, 3, 9, 0), DENSELY_STEP(sumColumns, 7, 6, 0, 0))
// meanSquaredError, 3
DENSELY_CHAIN(4, 4, 2, 2, 8, DENSELY_STEP(add, 8, 0, 1, 0), DENSELY_STEP(subtract, 8, 8, 2, 0), DENSELY_STEP(square, 4, 8, 0, 0), DENSELY_STEP(scale, 9, 8, 0, 0), DENSELY_STEP(abs, 5, 8, 0, 0), DENSELY_STEP(multiply, 6, 3, 9, 0), DENSELY_STEP(sumColumns, 7, 6, 0, 0))
// meanAbsoluteError, 1
DENSELY_CHAIN(4, 3, 2, 10, 5, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(subtract, 7, 7, 2, 0), DENSELY_STEP(abs, 8, 7, 0, 0), DENSELY_STEP(sumColumns, 4, 8, 0, 0), DENSELY_STEP(sign, 7, 7, 0, 0), DENSELY_STEP(multiply, 5, 3, 7, 0), DENSELY_STEP(sumColumns, 6, 5, 0, 0))
// meanAbsoluteError, 3
DENSELY_CHAIN(4, 3, 1, 2, 4, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(subtract, 7, 7, 2, 0), DENSELY_STEP(abs, 4, 7, 0, 0), DENSELY_STEP(sign, 7, 7, 0, 0), DENSELY_STEP(multiply, 5, 3, 7, 0), DENSELY_STEP(sumColumns, 6, 5, 0, 0))
// huber, 1
DENSELY_CHAIN(6, 4, 6, 58, 11, DENSELY_STEP(add, 10, 0, 1, 0), DENSELY_STEP(subtract, 10, 10, 2, 0), DENSELY_STEP(abs, 11, 10, 0, 0), DENSELY_STEP(minimum, 12, 11, 3, 0), DENSELY_STEP(scale, 13, 12, 0, 0), DENSELY_STEP(subtract, 13, 11, 13, 0), DENSELY_STEP(multiply, 14, 12, 13, 0), DENSELY_STEP(sumColumns, 6, 14, 0, 0), DENSELY_STEP(negate, 14, 11, 0, 0), DENSELY_STEP(equal, 15, 14, 4, 0), DENSELY_STEP(scale, 15, 15, 0, 0), DENSELY_STEP(greater, 14, 14, 4, 0), DENSELY_STEP(add, 15, 14, 15, 0), DENSELY_STEP(sign, 10, 10, 0, 0), DENSELY_STEP(sumColumns, 7, 11, 0, 0), DENSELY_STEP(multiply, 12, 5, 12, 0), DENSELY_STEP(negate, 11, 12, 0, 0), DENSELY_STEP(scale, 11, 11, 0, 0), DENSELY_STEP(multiplyAdd, 11, 5, 13, 11), DENSELY_STEP(multiplyAdd, 12, 11, 15, 12), DENSELY_STEP(multiply, 8, 12, 10, 0), DENSELY_STEP(sumColumns, 9, 8, 0, 0))
// huber, 3
DENSELY_CHAIN(6, 4, 5, 26, 8, DENSELY_STEP(add, 10, 0, 1, 0), DENSELY_STEP(subtract, 10, 10, 2, 0), DENSELY_STEP(abs, 6, 10, 0, 0), DENSELY_STEP(minimum, 11, 6, 3, 0), DENSELY_STEP(scale, 12, 11, 0, 0), DENSELY_STEP(subtract, 12, 6, 12, 0), DENSELY_STEP(multiply, 7, 11, 12, 0), DENSELY_STEP(negate, 13, 6, 0, 0), DENSELY_STEP(equal, 14, 13, 4, 0), DENSELY_STEP(scale, 14, 14, 0, 0), DENSELY_STEP(greater, 13, 13, 4, 0), DENSELY_STEP(add, 14, 13, 14, 0), DENSELY_STEP(sign, 10, 10, 0, 0), DENSELY_STEP(multiply, 11, 5, 11, 0), DENSELY_STEP(negate, 13, 11, 0, 0), DENSELY_STEP(scale, 13, 13, 0, 0), DENSELY_STEP(multiplyAdd, 13, 5, 12, 13), DENSELY_STEP(multiplyAdd, 11, 13, 14, 11), DENSELY_STEP(multiply, 8, 11, 10, 0), DENSELY_STEP(sumColumns, 9, 8, 0, 0))
// dropout
DENSELY_CHAIN(3, 3, 1, 2, 0, DENSELY_STEP(add, 6, 0, 1, 0), DENSELY_STEP(relu, 3, 6, 0, 0), DENSELY_STEP(shift, 6, 2, 0, 0), DENSELY_STEP(step, 6, 6, 0, 0), DENSELY_STEP(scale, 4, 6, 0, 0), DENSELY_STEP(multiply, 5, 3, 4, 0))
DENSELY_CHAIN(3, 2, 2, 0, 2, DENSELY_STEP(step, 5, 1, 0, 0), DENSELY_STEP(multiply, 6, 0, 2, 0), DENSELY_STEP(multiply, 3, 6, 5, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
// batchNorm
DENSELY_CHAIN(2, 2, 0, 2, 2, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(4, 2, 1, 10, 0, DENSELY_STEP(multiply, 4, 0, 1, 0), DENSELY_STEP(negate, 6, 2, 0, 0), DENSELY_STEP(add, 6, 4, 6, 0), DENSELY_STEP(multiplyAdd, 5, 3, 6, 2))
DENSELY_CHAIN(2, 2, 1, 2, 2, DENSELY_STEP(subtract, 2, 0, 1, 0), DENSELY_STEP(square, 4, 2, 0, 0), DENSELY_STEP(sumColumns, 3, 4, 0, 0))
DENSELY_CHAIN(5, 2, 2, 28, 0, DENSELY_STEP(negate, 7, 0, 0, 0), DENSELY_STEP(multiply, 8, 1, 2, 0), DENSELY_STEP(multiplyAdd, 7, 8, 3, 7), DENSELY_STEP(multiplyAdd, 5, 4, 7, 0), DENSELY_STEP(shift, 8, 8, 0, 0), DENSELY_STEP(sqrt, 6, 8, 0, 0))
DENSELY_CHAIN(4, 2, 1, 14, 0, DENSELY_STEP(divide, 4, 0, 1, 0), DENSELY_STEP(multiply, 6, 4, 2, 0), DENSELY_STEP(add, 5, 6, 3, 0))
DENSELY_CHAIN(4, 5, 2, 10, 27, DENSELY_STEP(sumColumns, 4, 0, 0, 0), DENSELY_STEP(multiply, 9, 0, 1, 0), DENSELY_STEP(multiply, 10, 0, 2, 0), DENSELY_STEP(sumColumns, 5, 10, 0, 0), DENSELY_STEP(divide, 6, 9, 3, 0), DENSELY_STEP(multiply, 9, 9, 2, 0), DENSELY_STEP(divide, 9, 9, 3, 0), DENSELY_STEP(negate, 9, 9, 0, 0), DENSELY_STEP(sumColumns, 7, 9, 0, 0), DENSELY_STEP(negate, 9, 6, 0, 0), DENSELY_STEP(sumColumns, 8, 9, 0, 0))
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(scale, 4, 0, 0, 0), DENSELY_STEP(divide, 4, 4, 1, 0), DENSELY_STEP(multiply, 3, 4, 2, 0))
DENSELY_CHAIN(2, 2, 1, 2, 2, DENSELY_STEP(scale, 4, 0, 0, 0), DENSELY_STEP(multiply, 2, 1, 4, 0), DENSELY_STEP(negate, 4, 2, 0, 0), DENSELY_STEP(sumColumns, 3, 4, 0, 0))
DENSELY_CHAIN(3, 1, 1, 4, 0, DENSELY_STEP(add, 4, 0, 1, 0), DENSELY_STEP(multiply, 3, 4, 2, 0))
DENSELY_CHAIN(3, 2, 1, 4, 2, DENSELY_STEP(add, 5, 0, 1, 0), DENSELY_STEP(add, 3, 5, 2, 0), DENSELY_STEP(sumColumns, 4, 3, 0, 0))
DENSELY_CHAIN(1, 1, 1, 0, 0, DENSELY_STEP(shift, 2, 0, 0, 0), DENSELY_STEP(sqrt, 1, 2, 0, 0))
DENSELY_CHAIN(6, 1, 1, 62, 0, DENSELY_STEP(add, 7, 0, 1, 0), DENSELY_STEP(subtract, 7, 7, 2, 0), DENSELY_STEP(divide, 7, 7, 3, 0), DENSELY_STEP(multiplyAdd, 6, 7, 4, 5))
// layerNorm
DENSELY_CHAIN(1, 1, 0, 0, 0, DENSELY_STEP(scale, 1, 0, 0, 0))
DENSELY_CHAIN(2, 2, 0, 0, 0, DENSELY_STEP(subtract, 2, 0, 1, 0), DENSELY_STEP(square, 3, 2, 0, 0))
DENSELY_CHAIN(1, 1, 1, 0, 0, DENSELY_STEP(scale, 2, 0, 0, 0), DENSELY_STEP(shift, 2, 2, 0, 0), DENSELY_STEP(sqrt, 1, 2, 0, 0))
DENSELY_CHAIN(4, 2, 1, 12, 0, DENSELY_STEP(divide, 4, 0, 1, 0), DENSELY_STEP(multiply, 6, 4, 2, 0), DENSELY_STEP(add, 5, 6, 3, 0))
DENSELY_CHAIN(4, 4, 1, 2, 5, DENSELY_STEP(sumColumns, 4, 0, 0, 0), DENSELY_STEP(multiply, 5, 0, 1, 0), DENSELY_STEP(multiply, 8, 0, 2, 0), DENSELY_STEP(sumColumns, 6, 8, 0, 0), DENSELY_STEP(multiply, 8, 5, 2, 0), DENSELY_STEP(divide, 8, 8, 3, 0), DENSELY_STEP(negate, 7, 8, 0, 0))
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
