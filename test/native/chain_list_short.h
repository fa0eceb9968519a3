// A few chains of chain_list.h, one of each kind, for builds with DENSELY_QUICK.
DENSELY_CHAIN(2, 1, 1, 2, 0, DENSELY_STEP(add, 3, 0, 1, 0), DENSELY_STEP(relu, 2, 3, 0, 0))
DENSELY_CHAIN(2, 2, 0, 2, 0, DENSELY_STEP(add, 2, 0, 1, 0), DENSELY_STEP(leakyRelu, 3, 2, 0, 0))
DENSELY_CHAIN(2, 2, 1, 0, 2, DENSELY_STEP(step, 4, 1, 0, 0), DENSELY_STEP(multiply, 2, 0, 4, 0), DENSELY_STEP(sumColumns, 3, 2, 0, 0))
DENSELY_CHAIN(3, 1, 0, 2, 0, DENSELY_STEP(multiplyAdd, 3, 1, 0, 2))
