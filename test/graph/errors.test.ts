// What densely/graph says of mistakes: one sentence with a code, the op, the layer and the nearest right name.
import { describe, expect, test } from 'vitest';
import {
  abs, add, affine, binaryCrossEntropy, broadcastTo, compile, constant, crossEntropy, hyper, input, logSoftmax, matmul, max, maximum, mean, meanSquaredError, multiply, oneHot,
  argmax, parameter, reshape, scale, select, softmax, softmaxCrossEntropy, state, sum, tanh, transpose, type GraphOptions, type Values,
} from '../../lib/graph.ts';
import { withPath } from '../../lib/graph/node.ts';
import { backends } from '../helpers/backends.ts';

const x = input('x', ['rows', 3]), y = input('y', ['rows', 4]), w = parameter('w', [4, 5]);

describe('shapes', () => {
  test.each([
    ['add', () => add(x, y), '[add] cannot broadcast [rows, 3] with [rows, 4]'],
    ['multiply', () => multiply(x, y), '[multiply] cannot broadcast [rows, 3] with [rows, 4]'],
    ['multiply by a repeated number', () => multiply(x, broadcastTo(constant(2), [4])), '[multiply] cannot broadcast [rows, 3] with [4]'],
    ['a repeated number times', () => multiply(broadcastTo(constant(2), [4]), x), '[multiply] cannot broadcast [4] with [rows, 3]'],
    ['maximum', () => maximum(x, parameter('p', [2])), '[maximum] cannot broadcast [rows, 3] with [2]'],
    ['select', () => select(x, x, y), '[select] cannot broadcast [rows, 3] with [rows, 4]'],
    ['rows behind', () => add(input('r', ['rows']), parameter('p', [2, 1])), "[add] expected positive whole dimensions with 'rows' only in front but received [2, rows]"],
    ['matmul', () => matmul(x, w), '[matmul] inner dimensions differ in [rows, 3] · [4, 5]'],
    ['matmul, transposed', () => matmul(x, w, { transposeB: true }), '[matmul] inner dimensions differ in [rows, 3] · [4, 5]ᵀ'],
    ['matmul of a vector', () => matmul(x, parameter('p', [3])), '[matmul] expected two matrices but received [rows, 3] · [3]'],
    ['rows behind in a product', () => matmul(parameter('p', [2, 3]), x, { transposeB: true }), "[matmul] 'rows' must lead the result, not follow, in [2, 3] · [rows, 3]ᵀ"],
    ['affine', () => affine(y, parameter('p', [5, 4]), parameter('b', [6])), '[add] cannot broadcast [rows, 5] with [6]'],
    ['broadcastTo', () => broadcastTo(x, ['rows', 5]), '[broadcastTo] cannot broadcast [rows, 3] to [rows, 5]'],
    ['broadcastTo of something repeated', () => broadcastTo(broadcastTo(parameter('p', [1]), [3]), [4]), '[broadcastTo] cannot broadcast [3] to [4]'],
    ['broadcastTo fewer dimensions', () => broadcastTo(parameter('p', [1, 1, 1]), [4]), '[broadcastTo] cannot broadcast [1, 1, 1] to [4]'],
    ['reshape', () => reshape(x, ['rows', 4]), '[reshape] cannot reshape [rows, 3] to [rows, 4]'],
    ['reshape away rows', () => reshape(x, [3]), '[reshape] cannot reshape [rows, 3] to [3]'],
    ['transpose', () => transpose(x), '[transpose] cannot swap dimensions 0 and 1 of [rows, 3]'],
    ['transpose beyond the last dimension', () => transpose(w, 1), '[transpose] cannot swap dimensions 1 and 2 of [4, 5]'],
    ['transpose before the first', () => transpose(w, -1), '[transpose] cannot swap dimensions -1 and 0 of [4, 5]'],
    ['transpose between dimensions', () => transpose(w, 0.5), '[transpose] cannot swap dimensions 0.5 and 1.5 of [4, 5]'],
    ['sum', () => sum(x, [2]), '[sum] expected axes from -2 to 1 of [rows, 3] but received 2'],
    ['mean', () => mean(x, [-3]), '[mean] expected axes from -2 to 1 of [rows, 3] but received -3'],
    ['max', () => max(x, [0.5]), '[max] expected axes from -2 to 1 of [rows, 3] but received 0.5'],
    ['softmax of a scalar', () => softmax(constant(1)), '[softmax] expected a last dimension of classes but received []'],
    ['logSoftmax over rows', () => logSoftmax(input('r', ['rows'])), '[logSoftmax] expected a last dimension of classes but received [rows]'],
    ['cross-entropy', () => softmaxCrossEntropy(x, y), '[softmaxCrossEntropy] expected targets of shape [rows, 3] but received [rows, 4]'],
    ['oneHot', () => oneHot(x, 3), '[oneHot] expected labels of shape [rows, 1] but received [rows, 3]'],
    ['argmax', () => argmax(w), '[argmax] expected shape [rows, classes] but received [4, 5]'],
    ['squared error', () => meanSquaredError(x, y), '[meanSquaredError] expected targets of shape [rows, 3] but received [rows, 4]'],
    ['binary cross-entropy', () => binaryCrossEntropy(w, w), '[binaryCrossEntropy] expected an output of shape [rows, k] but received [4, 5]'],
    ['constant', () => constant([[1, 2], [3]]), '[constant] expected every part to have 2 entries but one has 1'],
    ['constant, by number', () => constant([1, 2, 3], [2, 2]), '[constant] expected 4 values for shape [2, 2] but received 3'],
    ['parameter', () => parameter('p', [2, 3], [1, 2]), "[parameter 'p'] expected 6 values for shape [2, 3] but received 2"],
    ['size 0', () => parameter('p', [2, 0]), "[parameter 'p'] expected positive whole dimensions with 'rows' only in front but received [2, 0]"],
    ['rows behind in an input', () => input('z', [2, 'rows']), "[input 'z'] expected positive whole dimensions with 'rows' only in front but received [2, rows]"],
  ])('%s', (_name, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: 'ERR_SHAPE', message }));
  });

  test('the layer is named with the op', () => {
    expect(() => withPath('dense2', () => matmul(x, w))).toThrow('[dense2: matmul] inner dimensions differ in [rows, 3] · [4, 5]');
    expect(() => withPath('dense2', () => add(x, y))).toThrow('[dense2: add] cannot broadcast [rows, 3] with [rows, 4]');
    expect(() => withPath('dense2', () => withPath('inner', () => sum(x, [7])))).toThrow('[inner: sum] expected axes');
    expect(() => add(x, y)).toThrow('[add]');
  });

  test('a failed layer leaves no path behind', () => {
    expect(() => withPath('dense2', () => { throw new Error('stop'); })).toThrow('stop');
    expect(tanh(x).path).toBe('');
  });
});

describe('losses', () => {
  test('of the wrong activation', () => {
    expect(() => binaryCrossEntropy(tanh(x), x)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message: '[binaryCrossEntropy] expected an output with activation sigmoid or linear (logits) but it has tanh' }));
    expect(() => crossEntropy(tanh(x), x)).toThrow('[crossEntropy] expected an output with activation softmax or linear (logits) but it has tanh');
  });
});

describe('names', () => {
  test('twice', () => {
    expect(() => compile({ outputs: { z: add(x, input('x', ['rows', 3])) } })).toThrow("[compile] two inputs are named 'x'");
    expect(() => compile({ outputs: { z: add(hyper('a'), hyper('a')) } })).toThrow("[compile] two inputs are named 'a'");
    expect(() => compile({ outputs: { z: add(x, hyper('x')) } })).toThrow("[compile] two inputs are named 'x'");
    expect(() => compile({ outputs: { z: add(x, input('h', ['rows', 3])) }, feeds: { h: x } })).toThrow("[compile] two inputs are named 'h'");
    expect(() => compile({ outputs: { z: add(parameter('p', [3]), state('p', [3])) } })).toThrow("[compile] two parameter or state tensors are named 'p'");
  });

  test('of options', () => {
    const compiled = (options: object): unknown => compile({ outputs: { x } }, options as GraphOptions);
    expect(() => compiled({ maxrows: 3 })).toThrow("[compile] unknown option 'maxrows'; did you mean 'maxRows'?");
    expect(() => compiled({ maxRows: 0 })).toThrow("[compile] expected 'maxRows' to be a positive integer but received 0");
    expect(() => compiled({ threads: 1.5 })).toThrow("[compile] expected 'threads' to be a positive integer but received 1.5");
    expect(() => compiled({ backend: 'natve' })).toThrow("[compile] expected 'backend' to be one of 'auto', 'native', 'typescript' but received 'natve'; did you mean 'native'?");
    expect(() => compiled({ precision: 'float' })).toThrow("[compile] expected 'precision' to be one of 'float32', 'float64', 'bfloat16' but received 'float'; did you mean 'float32'?");
    expect(() => compiled({ backend: 'native', precision: 'float64' })).toThrow("expected backend 'typescript' for precision 'float64'");
    expect(() => compile({ output: { x } } as object)).toThrow("[compile] unknown part 'output'; did you mean 'outputs'?");
    expect(() => parameter('p', ['rows'] as unknown as number[])).toThrow("[parameter 'p'] expected a static shape but received one with 'rows'");
  });
});

describe.each(backends)('a run on %s', (backend) => {
  const fixed = input('fixed', [2]), rate = hyper('rate');
  const compiled = compile({ outputs: { z: multiply(add(x, scale(sum(fixed), 2)), rate), a: abs(y) } }, { backend, maxRows: 4 });
  const good: Record<string, Values> = { x: [[1, 2, 3]], y: [[1, 2, 3, 4]], fixed: [1, 2], rate: 1 };
  const run = (change: object) => () => compiled.run({ ...good, ...change } as Record<string, Values>);

  test.each<[string, object, string, string]>([
    ['an unknown name', { fixde: 1 }, 'ERR_OPTION', "[run] unknown input 'fixde'; did you mean 'fixed'?"],
    ['a name like no other', { temperature: 1 }, 'ERR_OPTION', "[run] unknown input 'temperature'; known are 'x', 'y', 'fixed', 'rate'"],
    ['a missing input', { x: undefined }, 'ERR_OPTION', "[run] expected a value for 'x'"],
    ['a missing hyper value', { rate: undefined }, 'ERR_OPTION', "[run] expected a value for 'rate'"],
    ['too few features', { x: [[1, 2]] }, 'ERR_SHAPE', "[run] expected values of shape [rows, 3] for 'x' but received [1, 2]"],
    ['too many numbers', { fixed: [1, 2, 3] }, 'ERR_SHAPE', "[run] expected values of shape [2] for 'fixed' but received [3]"],
    ['a vector for a number', { rate: [1, 2] }, 'ERR_SHAPE', "[run] expected values of shape [] for 'rate' but received [2]"],
    ['turned features', { x: [[1], [2], [3]] }, 'ERR_SHAPE', "[run] expected values of shape [rows, 3] for 'x' but received [3, 1]"],
    ['no rows', { x: [] }, 'ERR_SHAPE', "[run] expected values of shape [rows, 3] for 'x' but received [0]"],
    ['other rows', { y: [[1, 2, 3, 4], [1, 2, 3, 4]] }, 'ERR_SHAPE', "[run] expected 1 rows for 'y' as for the inputs before it but received 2"],
    ['ragged rows', { x: [[1, 2, 3], [4, 5]] }, 'ERR_SHAPE', "[run 'x'] expected every part to have 3 entries but one has 2"],
    ['a number for a row', { x: [[1, 2, 3], 4] }, 'ERR_SHAPE', "[run 'x'] expected every part to have 3 entries but one is 4"],
    ['a row for a number', { x: [[1, 2, [3]]] }, 'ERR_SHAPE', "[run 'x'] expected numbers in arrays of shape [1, 3] but one of them is an array of length 1"],
    ['text', { x: [['1', 2, 3]] }, 'ERR_SHAPE', "[run 'x'] expected numbers in arrays of shape [1, 3] but one of them is '1'"],
    ['true', { x: [[true, 2, 3]] }, 'ERR_SHAPE', "[run 'x'] expected numbers in arrays of shape [1, 3] but one of them is true"],
    ['null', { x: null }, 'ERR_SHAPE', "[run 'x'] expected numbers in arrays of shape [] but one of them is null"],
    ['too many rows', { x: [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]], y: new Float32Array(20) }, 'ERR_DATA', '[run] expected at most 4 rows (maxRows) but received 5'],
  ])('%s', (_what, change, code, message) => {
    expect(run(change)).toThrow(expect.objectContaining({ code, message }));
    // Nothing is spoilt.
    expect([...compiled.run(good)['z']!.data]).toEqual([7, 8, 9]);
  });

  test('tensors of the state by name', () => {
    const program = compile({ outputs: { z: scale(parameter('weight', [2, 2]), 2) } }, { backend });
    expect(() => program.get('weigth')).toThrow("[get] expected 'name' to be one of 'weight' but received 'weigth'; did you mean 'weight'?");
    expect(() => program.set('bias', [1])).toThrow("[set] expected 'name' to be one of 'weight' but received 'bias'");
    expect(() => program.set('weight', [[1, 2, 3, 4, 5]])).toThrow("[set] expected values of shape [2, 2] for 'weight' but received [1, 5]");
    expect(() => program.set('weight', [[1, 2], [3]])).toThrow("[set 'weight'] expected every part to have 2 entries but one has 1");
    expect([...program.get('weight').data]).toEqual([0, 0, 0, 0]);
  });
});
