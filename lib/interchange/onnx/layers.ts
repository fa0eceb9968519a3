// What values of an ONNX graph become: one layer for each operator or pattern of operators that this library has a layer for.
import { ModelFormatError } from '../../errors.ts';
import { elementTypes } from '../../io/onnx/tensor.ts';
import type { Activation } from '../../layers/activations.ts';
import { quote } from '../../options.ts';
import { activationOperators, matchActivation } from './activations.ts';
import { countOf, type Constant } from './constants.ts';
import type { OnnxGraph } from './graph.ts';
import type { LayerList, LayerTensors, Value } from './layer-list.ts';
import { attributeNumber, axisOf, fail, shortest, type OnnxNode } from './node.ts';
import { isOverFeatures, isPrivate, match, type Match, type Pattern } from './patterns.ts';

/** The values that a layer reads, and how it is added to the network. */
export interface LayerPlan {
  readonly needs: readonly string[];
  build(list: LayerList, values: readonly Value[]): Value;
}

type Rule = (graph: OnnxGraph, node: OnnxNode) => LayerPlan;

/** Passes its first input on. */
const passed: Rule = (_graph, node) => ({ needs: [node.inputs[0]!], build: (_list, [x]) => x! });

/** The one width of a value that has to be [rows, features]. */
function featuresOf(node: OnnxNode, { dims }: Value): number {
  if (dims.length !== 1) throw fail(node, `expected a value of rows and features but an example of it has shape [${dims.join(', ')}]`);
  return dims[0]!;
}

/** A product with weights: x W or x Wᵀ, with a bias or without. */
interface Product {
  readonly x: string;
  readonly weight: Constant & { readonly name: string };
  readonly bias: (Constant & { readonly name: string }) | undefined;
  /** The weights are [inputs, units]. */
  readonly transposed: boolean;
  readonly node: OnnxNode;
  /** Factors of the weights and of the bias. */
  readonly alpha: number;
  readonly beta: number;
}

function matchProduct(graph: OnnxGraph, name: string): Product | undefined {
  const node = graph.makers.get(name);
  if (node?.op === 'Gemm') {
    const [x, weight, bias = ''] = node.inputs as [string, string, string?], found = graph.constants.get(weight), summand = graph.constants.get(bias);
    if (found === undefined || graph.constants.has(x) || attributeNumber(node, 'transA', 0) !== 0) throw fail(node, 'expected a product of a value with constant weights');
    if (bias !== '' && summand === undefined) throw fail(node, 'expected a constant bias');
    return {
      x, weight: { ...found, name: weight }, bias: summand && { ...summand, name: bias }, transposed: attributeNumber(node, 'transB', 0) === 0, node,
      alpha: attributeNumber(node, 'alpha', 1), beta: attributeNumber(node, 'beta', 1),
    };
  }
  const product = match(graph, ['MatMul', 'x', '#weight'], name), sum = match(graph, ['Add', ['MatMul', 'x', '#weight'], '#bias'], name), found = sum ?? product;
  if (found === undefined) return undefined;
  const { weight, bias } = found.constants, units = weight!.shape[1];
  const fits = bias === undefined || (bias.shape.slice(0, -1).every((dimension) => dimension === 1) && (bias.data.length === 1 || bias.data.length === units));
  return fits ? { x: found.x, weight: weight!, bias, transposed: true, node: found.root, alpha: 1, beta: 1 } : undefined;
}

function scaled(data: Constant['data'], factor: number): Constant['data'] {
  return factor === 1 ? data : Float64Array.from(data, (value) => value * factor);
}

/** One number for each of `count`, of a constant that has as many or one. */
function spread({ budget }: OnnxGraph, node: OnnxNode, { shape, data }: Constant, count: number): Constant['data'] {
  if (data.length === count && shape.slice(0, -1).every((dimension) => dimension === 1)) return data;
  if (data.length !== 1) throw fail(node, `expected constants of one number for each of ${count} features but one has shape [${shape.join(', ')}]`);
  return new Float64Array(budget.take(count)).fill(data[0]!);
}

const filled = (value: number): Constant => ({ shape: [], data: Float64Array.of(value) });

function turned({ shape, data }: Constant): Constant {
  const [lines, columns] = shape as [number, number], result = new Float64Array(data.length);
  for (let i = 0; i < lines; i++) for (let j = 0; j < columns; j++) result[j * lines + i] = data[i * columns + j]!;
  return { shape: [columns, lines], data: result };
}

function dense(graph: OnnxGraph, product: Product, activation: Activation): LayerPlan {
  const { weight, bias, transposed, node, alpha, beta } = product;
  return {
    needs: [product.x],
    build(list, [x]) {
      const [inputs, units] = weightShape(node, weight, transposed, x!);
      const tensors = (): LayerTensors => ({
        weight: { shape: transposed ? [inputs, units] : [units, inputs], data: scaled(weight.data, alpha) },
        ...(bias && { bias: { shape: [units], data: scaled(spread(graph, node, bias, units), beta) } }),
      });
      const options = { units, activation, bias: bias !== undefined, weightOrder: transposed ? 'LR' : 'RL' };
      return { value: list.add('dense', options, [x!.value], tensors, [weight.name, bias?.name, alpha, beta].join(' ')), dims: [units] };
    },
  };
}

function weightShape(node: OnnxNode, { shape }: Constant, transposed: boolean, x: Value): [inputs: number, units: number] {
  const features = featuresOf(node, x), [inputs, units] = transposed ? shape : shape.toReversed();
  if (shape.length !== 2 || inputs !== features || units === 0) throw fail(node, `expected weights for ${features} features but they have shape [${shape.join(', ')}]`);
  return [inputs, units!];
}

/** ReduceMax over pieces: the units of a maxout layer, stored piece by piece. */
const maxout: Rule = (graph, node) => {
  const reshape = graph.makers.get(node.inputs[0]!), dims = reshape && graph.constants.get(reshape.inputs[1] ?? '')?.data;
  const product = reshape && matchProduct(graph, reshape.inputs[0]!), nodes = new Set([node, reshape!]);
  const isPieces = isOverFeatures(node, graph) && attributeNumber(node, 'keepdims', 1) === 0 && reshape?.op === 'Reshape' && dims?.length === 3 && dims[0]! <= 0;
  if (!isPieces || product === undefined || !isPrivate(graph, node.inputs[0]!, nodes) || !isPrivate(graph, reshape.inputs[0]!, nodes)) throw fail(node, 'only the maximum over the pieces of a maxout layer is supported');
  const [, pieces, units] = dims as unknown as [number, number, number];
  return {
    needs: [product.x],
    build(list, [x]) {
      const { weight, bias, transposed, alpha, beta } = product, [, count] = weightShape(product.node, weight, transposed, x!);
      if (pieces * units !== count) throw fail(node, `expected ${pieces * units} outputs of the product but there are ${count}`);
      const tensors = (): LayerTensors => ({
        weight: { shape: [count, x!.dims[0]!], data: scaled(transposed ? turned(weight).data : weight.data, alpha) },
        bias: { shape: [count], data: scaled(spread(graph, product.node, bias ?? filled(0), count), beta) },
      });
      return { value: list.add('maxout', { units, pieces }, [x!.value], tensors, [weight.name, bias?.name, alpha, beta].join(' ')), dims: [units] };
    },
  };
};

/** (x − mean) / √(variance + ε) of each example, as exporters write it for older operator sets. */
const centred: Pattern = ['Sub', 'x', ['ReduceMean', 'x']];
const standardized = (power: Pattern): Pattern => ['Div', centred, ['Sqrt', ['Add', ['ReduceMean', power], '#epsilon']]];
const normalizations: readonly Pattern[] = [standardized(['Pow', centred, 2]), standardized(['Mul', centred, centred])]
  .flatMap((core): Pattern[] => [['Add', ['Mul', core, '#weight'], '#bias'], core]);

function matchLayerNorm(graph: OnnxGraph, name: string): LayerPlan | undefined {
  for (const pattern of normalizations) {
    const found = match(graph, pattern, name);
    if (found === undefined || ![...found.nodes].every((node) => node.op !== 'ReduceMean' || isOverFeatures(node, graph))) continue;
    const { weight, bias, epsilon } = found.constants;
    return layerNorm(graph, found.root, found.x, shortest(epsilon!.data[0]!), weight, bias);
  }
  return undefined;
}

function layerNorm(graph: OnnxGraph, node: OnnxNode, x: string, epsilon: number, weight: Constant | undefined, bias: Constant | undefined): LayerPlan {
  return {
    needs: [x],
    build(list, [value]) {
      const features = featuresOf(node, value!), affine = weight !== undefined;
      const numbers = (given: Constant | undefined) => ({ shape: [features], data: spread(graph, node, given ?? filled(0), features) });
      const tensors = (): LayerTensors => (affine ? { weight: numbers(weight), bias: numbers(bias) } : {});
      return { value: list.add('layerNorm', { epsilon, affine }, [value!.value], tensors), dims: value!.dims };
    },
  };
}

/** Sums, products and so on with constants, as scalers: the constants at `#` of the pattern. */
const scalers: readonly [Pattern, type: 'standardScaler' | 'minMaxScaler', Readonly<Record<string, (value: number) => number>>][] = [
  [['Div', ['Sub', 'x', '#mean'], '#scale'], 'standardScaler', {}],
  [['Add', ['Mul', ['Sub', 'x', '#minimum'], '#scale'], '#from'], 'minMaxScaler', {}], [['Add', ['Mul', 'x', '#scale'], '#from'], 'minMaxScaler', {}],
  [['Mul', ['Sub', 'x', '#minimum'], '#scale'], 'minMaxScaler', {}],
  [['Sub', 'x', '#mean'], 'standardScaler', {}], [['Add', 'x', '#mean'], 'standardScaler', { mean: (value) => -value }],
  [['Div', 'x', '#scale'], 'standardScaler', {}], [['Mul', 'x', '#scale'], 'minMaxScaler', {}],
];

function matchScaler(graph: OnnxGraph, name: string): LayerPlan | undefined {
  for (const [pattern, type, change] of scalers) {
    const found = match(graph, pattern, name);
    if (found !== undefined && (found.constants['from']?.data.length ?? 1) === 1) return scaler(graph, found, type, change);
  }
  // c − x = (x − c) · −1.
  const negated = match(graph, ['Sub', '#minimum', 'x'], name);
  return negated && scaler(graph, { ...negated, constants: { ...negated.constants, scale: { name: '', ...filled(-1) } } }, 'minMaxScaler', {});
}

function scaler(graph: OnnxGraph, { x, constants, root }: Match, type: 'standardScaler' | 'minMaxScaler', change: Readonly<Record<string, (value: number) => number>>): LayerPlan {
  const from = shortest(constants['from']?.data[0] ?? 0), shift = type === 'standardScaler' ? 'mean' : 'minimum';
  return {
    needs: [x],
    build(list, [value]) {
      const features = countOf(value!.dims);
      if (value!.dims.length > 1) for (const { data } of Object.values(constants)) if (data.length > 1) featuresOf(root, value!);
      const part = (name: string, standard: number): LayerTensors[string] => {
        const data = spread(graph, root, constants[name] ?? filled(standard), features);
        return { shape: [features], data: change[name] === undefined ? data : Float64Array.from(data, (each) => change[name]!(each)) };
      };
      const options = type === 'standardScaler' ? {} : { from, to: from + 1 };
      return { value: list.add(type, options, [value!.value], () => ({ [shift]: part(shift, 0), scale: part('scale', 1) })), dims: value!.dims };
    },
  };
}

/** Several values of one shape as one. */
const merge = (type: string): Rule => (graph, node) => {
  if (node.inputs.some((name) => graph.constants.has(name))) throw fail(node, 'with constants of its shapes it is not supported');
  return {
    needs: node.inputs,
    build(list, values) {
      const [first] = values as [Value];
      if (values.some(({ dims }) => dims.join() !== first.dims.join())) throw fail(node, `expected values of one shape but received [${values.map(({ dims }) => dims.join(', ')).join('] and [')}]`);
      return values.length === 1 ? first : { value: list.add(type, {}, values.map(({ value }) => value)), dims: first.dims };
    },
  };
};

function reshape(graph: OnnxGraph, node: OnnxNode, wanted: readonly number[]): LayerPlan {
  const rows = graph.inputs.map((input) => input.rows);
  return {
    needs: [node.inputs[0]!],
    build(_list, [x]) {
      const features = countOf(x!.dims), rest = wanted.slice(1).map((dimension, i) => (dimension === 0 ? x!.dims[i] ?? 0 : dimension));
      const open = rest.indexOf(-1), others = rest.reduce((product, dimension, i) => (i === open ? product : product * dimension), 1);
      // A first -1 may stand for the rows, where a shape was computed, and leave another one open.
      if (open >= 0) rest[open] = features / others;
      const isRows = wanted[0]! <= 0 || rows.includes(wanted[0]);
      if (!isRows || rest.length === 0 || !rest.every((dimension) => Number.isInteger(dimension) && dimension > 0) || countOf(rest) !== features) {
        throw fail(node, `expected a shape that keeps the ${features} numbers of each example together but received [${wanted.join(', ')}]`);
      }
      return { value: x!.value, dims: rest };
    },
  };
}

const rules: Readonly<Record<string, Rule>> = {
  Identity: passed,
  Cast(graph, node) {
    const to = attributeNumber(node, 'to', 0);
    if (to !== elementTypes.float && to !== elementTypes.double) throw fail(node, 'values of the network are only cast to float and double');
    return passed(graph, node);
  },
  Dropout: (graph, node) => ({
    needs: [node.inputs[0]!],
    build(list, [x]) {
      const rate = graph.constants.get(node.inputs[1] ?? '')?.data[0] ?? attributeNumber(node, 'ratio', 0.5);
      return { value: list.add('dropout', { rate: shortest(rate) }, [x!.value]), dims: x!.dims };
    },
  }),
  Flatten: (_graph, node) => ({
    needs: [node.inputs[0]!],
    build(_list, [x]) {
      if (axisOf(node, x!.dims.length + 1, 1) !== 1) throw fail(node, 'expected every example to become one row');
      return { value: x!.value, dims: [countOf(x!.dims)] };
    },
  }),
  Reshape(graph, node) {
    const wanted = graph.constants.get(node.inputs[1] ?? '');
    if (wanted === undefined) throw fail(node, 'expected a constant shape');
    return reshape(graph, node, [...wanted.data]);
  },
  Concat: (graph, node) => ({
    ...merge('concatenate')(graph, node),
    build(list, values) {
      const width = values.reduce((sum, value) => sum + featuresOf(node, value), 0);
      if (axisOf(node, 2, 1) !== 1) throw fail(node, 'expected features to be joined, not rows');
      return values.length === 1 ? values[0]! : { value: list.add('concatenate', {}, values.map(({ value }) => value)), dims: [width] };
    },
  }),
  BatchNormalization(graph, node) {
    const parts = node.inputs.slice(1).map((name) => graph.constants.get(name));
    if (parts.length !== 4 || parts.some((part) => part === undefined) || attributeNumber(node, 'training_mode', 0) !== 0) throw fail(node, 'expected constant weights and statistics, as of prediction');
    return {
      needs: [node.inputs[0]!],
      build(list, [x]) {
        const features = featuresOf(node, x!), momentum = Number((1 - attributeNumber(node, 'momentum', 0.9)).toPrecision(6));
        const [weight, bias, runningMean, runningVariance] = parts.map((part) => ({ shape: [features], data: spread(graph, node, part!, features) })) as LayerTensors[string][];
        const tensors = { weight: weight!, bias: bias!, runningMean: runningMean!, runningVariance: runningVariance! };
        return { value: list.add('batchNorm', { epsilon: attributeNumber(node, 'epsilon', 1e-5), momentum }, [x!.value], () => tensors, node.inputs.slice(1).join(' ')), dims: x!.dims };
      },
    };
  },
  LayerNormalization(graph, node) {
    const [x, ...others] = node.inputs as [string, ...string[]], [weight, bias] = others.map((name) => graph.constants.get(name)), axis = attributeNumber(node, 'axis', -1);
    if (weight === undefined || (others[1] !== undefined && others[1] !== '' && bias === undefined)) throw fail(node, 'expected constant weights');
    if (axis !== -1 && axis !== 1) throw fail(node, 'expected the features of each example to be normalized');
    return layerNorm(graph, node, x, attributeNumber(node, 'epsilon', 1e-5), weight, bias);
  },
  PRelu(graph, node) {
    const [x, slope] = node.inputs as [string, string], found = graph.constants.get(slope);
    if (found === undefined) throw fail(node, 'expected constant slopes');
    return {
      needs: [x],
      build(list, [value]) {
        const features = featuresOf(node, value!), perUnit = found.data.length > 1;
        const tensors = (): LayerTensors => ({ weight: { shape: [perUnit ? features : 1], data: spread(graph, node, found, perUnit ? features : 1) } });
        return { value: list.add('prelu', { perUnit }, [value!.value], tensors, slope), dims: value!.dims };
      },
    };
  },
  ReduceMax: maxout,
  HardSigmoid: (graph, node) => ({
    needs: [node.inputs[0]!],
    build(list, [x]) {
      // max(0, min(1, αx + β)) with α and β of its own.
      const features = countOf(x!.dims), from = attributeNumber(node, 'beta', 0.5);
      const part = (value: number) => ({ shape: [features], data: spread(graph, node, filled(value), features) });
      const affine = list.add('minMaxScaler', { from, to: from + 1 }, [x!.value], () => ({ minimum: part(0), scale: part(attributeNumber(node, 'alpha', 0.2)) }));
      return { value: list.add('activation', { activation: 'hardClip' }, [affine]), dims: x!.dims };
    },
  }),
  Add: merge('add'), Sum: merge('add'), Sub: merge('subtract'), Mul: merge('multiply'), Mean: merge('average'), Max: merge('maximum'), Min: merge('minimum'),
};

/** Operators that values of a network may go through. */
export const valueOperators: ReadonlySet<string> = new Set([...Object.keys(rules), ...activationOperators, 'Gemm', 'MatMul', 'Div', 'Pow', 'Sqrt', 'ReduceMean']);

/** What a value becomes. */
export function planFor(graph: OnnxGraph, name: string): LayerPlan {
  const node = graph.makers.get(name);
  if (node === undefined) throw new ModelFormatError(`[${graph.where}] tensor ${quote(name)}: constants are not supported where it is used`);
  if (node.outputs[0] !== name) throw fail(node, 'only its first output is supported');
  const activation = matchActivation(graph, name);
  if (activation !== undefined) {
    const { x, nodes } = activation, product = graph.constants.has(x) || !isPrivate(graph, x, nodes) || !graph.makers.has(x) ? undefined : matchProduct(graph, x);
    return product === undefined ? activationLayer(activation.root, x, activation.activation) : dense(graph, product, activation.activation);
  }
  const product = matchProduct(graph, name);
  if (product !== undefined) return dense(graph, product, 'linear');
  const found = matchLayerNorm(graph, name) ?? matchScaler(graph, name);
  if (found !== undefined) return found;
  const rule = rules[node.op];
  if (rule === undefined) throw fail(node, 'no layer of this library does what it is used for here');
  return rule(graph, node);
}

function activationLayer(node: OnnxNode, x: string, activation: Activation): LayerPlan {
  return {
    needs: [x],
    build(list, [value]) {
      if (node.op === 'Softmax' || node.op === 'LogSoftmax') featuresOf(node, value!);
      return { value: list.add('activation', { activation }, [value!.value]), dims: value!.dims };
    },
  };
}
