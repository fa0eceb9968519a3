// Random graphs: inputs and parameters of random shapes, a few dozen ops over them, a loss, its gradients and updates.
import {
  abs, add, argmax, assign, broadcastTo, concatenate, copy, cos, divide, elu, erf, exp, expm1, gelu, gradients, hardTanh, hyper, input, leakyRelu, log, log1p, logSoftmax, logSumExp, matmul, max, maximum, mean,
  minimum, multiply, negate, oneHot, pad, parameter, power, reciprocal, relu, reshape, scale, select, shift, sigmoid, sin, slice, softmax, softmaxCrossEntropy,
  softplus, sqrt, square, step, stopGradient, subtract, sum, tangents, tanh, transpose, type Dimension, type Node, type Shape,
} from '../../lib/graph.ts';
import { broadcastShapes, countOf, hasRows } from '../../lib/graph/shape.ts';
import { RandomStream } from '../../lib/random/philox.ts';

export interface RandomGraph {
  readonly inputs: Node[];
  readonly labels: Node[];
  readonly parameters: Node[];
  readonly hyper: Node;
  readonly outputs: Record<string, Node>;
  readonly assignments: Node[];
  readonly feeds: Record<string, Node>;
}

const sizes = [1, 2, 3, 4, 5, 7];
const bounded = (x: Node): Node => shift(square(tanh(x)), 0.5);

const unary: readonly ((x: Node, random: RandomStream) => Node)[] = [
  tanh, sigmoid, softplus, sin, cos, relu, abs, negate, copy, stopGradient,
  (x) => square(tanh(x)), (x) => exp(tanh(x)), (x) => log(bounded(x)), (x) => sqrt(bounded(x)), (x) => reciprocal(bounded(x)),
  erf, (x) => gelu(x), (x) => hardTanh(x), (x) => log1p(square(x)), (x) => expm1(tanh(x)), (x) => leakyRelu(x, 0.2), (x) => elu(x, 0.7), (x, random) => scale(x, random.normal()), (x, random) => shift(x, random.normal()),
];
const binary: readonly ((a: Node, b: Node) => Node)[] = [
  add, subtract, multiply, maximum, minimum, (a, b) => divide(a, bounded(b)), (a, b) => power(bounded(a), tanh(b)),
  (a, b) => add(multiply(a, b), a), (a, b) => add(b, multiply(b, a)), (a, b) => select(step(a), b, a),
];

class Maker {
  readonly random: RandomStream;
  readonly graph: RandomGraph = { inputs: [], labels: [], parameters: [], hyper: hyper('rate'), outputs: {}, assignments: [], feeds: {} };
  readonly pool: Node[] = [];

  constructor(seed: number) {
    this.random = new RandomStream(seed, 77);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)]!;
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  shape(): Shape {
    const rank = this.random.below(4);
    const shape: Dimension[] = Array.from({ length: rank }, () => this.pick(sizes));
    if (rank > 0 && this.chance(0.6)) shape[0] = 'rows';
    return shape;
  }

  input(shape: Shape): Node {
    const node = input(`x${this.graph.inputs.length}`, shape);
    this.graph.inputs.push(node);
    return node;
  }

  parameter(shape: readonly number[]): Node {
    const values = Array.from({ length: countOf(shape) }, () => this.random.normal() * 0.7);
    const node = parameter(`p${this.graph.parameters.length}`, shape, values);
    this.graph.parameters.push(node);
    return node;
  }

  /** A tensor that broadcasts with `shape`: one of the pool, or a new parameter with some dimensions dropped or 1. */
  partner(shape: Shape): Node {
    const fitting = this.pool.filter((node) => {
      try {
        broadcastShapes(shape, node.shape, '');
        return true;
      } catch {
        return false;
      }
    });
    if (fitting.length > 0 && this.chance(0.7)) return this.pick(fitting);
    const kept = shape.slice(this.random.below(shape.length + 1));
    return this.parameter(kept.map((dimension) => (dimension === 'rows' || this.chance(0.4) ? 1 : dimension)));
  }

  matmul(a: Node): Node {
    if (hasRows(a.shape)) {
      const others = this.pool.filter((node) => node.shape.length === 2 && hasRows(node.shape));
      if (this.chance(0.3)) return matmul(a, this.pick(others), { transposeA: true });
      const k = Number(a.shape[1]), n = this.pick(sizes), transposeB = this.chance(0.5);
      return matmul(a, this.parameter(transposeB ? [n, k] : [k, n]), { transposeB });
    }
    const transposeA = this.chance(0.5), transposeB = this.chance(0.5);
    const k = Number(a.shape[transposeA ? 0 : 1]), n = this.pick(sizes);
    return matmul(a, this.parameter(transposeB ? [n, k] : [k, n]), { transposeA, transposeB });
  }

  reduce(x: Node): Node {
    const axes = x.shape.map((_, axis) => axis).filter(() => this.chance(0.5));
    return this.pick([sum, mean, max])(x, axes);
  }

  reshape(x: Node): Node {
    const front: Dimension[] = hasRows(x.shape) ? ['rows'] : [], count = countOf(x.shape);
    const divisor = this.pick(sizes.filter((size) => count % size === 0));
    return reshape(x, this.pick([[...front, count], [...front, divisor, count / divisor], [...front, 1, count], [...front, count, 1]]));
  }

  classes(x: Node): Node {
    const k = Number(x.shape[1]);
    if (this.chance(0.3)) return add(x, oneHot(argmax(stopGradient(x)), k));
    if (k === 1 || this.chance(0.5)) {
      const labels = input(`t${this.graph.labels.length}`, ['rows', 1]);
      this.graph.labels.push(labels);
      return k === 1 ? add(x, labels) : softmaxCrossEntropy(x, labels);
    }
    return softmaxCrossEntropy(x, softmax(this.partnerOf(x)));
  }

  /** Another tensor of the same shape. */
  partnerOf(x: Node): Node {
    return this.pick(this.pool.filter((node) => String(node.shape) === String(x.shape)));
  }

  /** A part of a tensor, a tensor between zeros, or one beside others that differ from it along one axis at most. */
  join(x: Node, axis: number): Node {
    const size = Number(x.shape[axis]), begin = this.random.below(size);
    if (this.chance(0.4)) return slice(x, axis, begin, begin + 1 + this.random.below(size - begin));
    if (this.chance(0.3)) return pad(x, axis, this.random.below(3), this.random.below(3));
    const others = this.pool.filter((node) => hasRows(node.shape) === hasRows(x.shape) && node.shape.length === x.shape.length && node.shape.every((dimension, i) => i === axis || dimension === x.shape[i]));
    return concatenate([x, ...others.slice(0, this.random.below(3)), this.pick(others)], axis);
  }

  next(): Node {
    const x = this.pick(this.pool), rank = x.shape.length;
    const features = rank > 0 && x.shape.at(-1) !== 'rows';
    const swappable = x.shape.slice(0, -1).flatMap((dimension, axis) => (dimension === 'rows' ? [] : [axis]));
    const kind = this.random.uniform();
    if (kind < 0.25) return this.pick(unary)(x, this.random);
    const joinable = x.shape.flatMap((dimension, axis) => (dimension === 'rows' ? [] : [axis]));
    if (kind < 0.32 && joinable.length > 0) return this.join(x, this.pick(joinable));
    if (kind < 0.55) return this.pick(binary)(x, this.partner(x.shape));
    if (kind < 0.7 && rank === 2) return tanh(this.matmul(x));
    if (kind < 0.8 && rank > 0) return this.reduce(x);
    if (kind < 0.86) return this.reshape(x);
    if (kind < 0.9 && features) return this.pick([softmax, logSoftmax, logSumExp])(x);
    if (kind < 0.93 && swappable.length > 0) return transpose(x, this.pick(swappable));
    if (kind < 0.97 && rank === 2 && hasRows(x.shape)) return this.classes(x);
    return broadcastTo(x, [...(hasRows(x.shape) || rank > 2 ? [] : [this.pick<Dimension>(['rows', 3])]), ...x.shape]);
  }
}

const scalarLoss = (nodes: readonly Node[]): Node => nodes.map((node) => mean(tanh(node))).reduce(add);

/** A graph that depends on `seed` alone. */
export function randomGraph(seed: number): RandomGraph {
  const maker = new Maker(seed), { graph, pool, random } = maker;
  for (let i = random.below(2); i >= 0; i--) pool.push(maker.input(maker.shape()));
  pool.push(maker.parameter([3]), graph.hyper);
  for (let i = 8 + random.below(16); i > 0; i--) {
    const node = maker.next();
    // What has grown large says little in single precision.
    pool.push(countOf(node.shape) <= 400 ? node : mean(node, [-1]));
  }
  const late = pool.slice(-5);
  const loss = scalarLoss(late);
  const targets = [...graph.inputs, ...graph.parameters];
  const parts = gradients(loss, targets);
  Object.assign(graph.outputs, { loss }, ...parts.filter(() => maker.chance(0.7)).map((part, i) => ({ [`d${i}`]: part })), ...[0, 1, 2].map((i) => ({ [`y${i}`]: maker.pick(pool) })));
  if (maker.chance(0.25)) gradients(scalarLoss(parts), targets).slice(0, 3).forEach((part, i) => { graph.outputs[`dd${i}`] = part; });
  if (maker.chance(0.25)) graph.outputs['along'] = tangents([loss], targets, targets)[0]!;
  graph.parameters.forEach((node, i) => {
    if (!maker.chance(0.7)) return;
    const alike = graph.parameters.filter((other) => String(other.shape) === String(node.shape));
    const value = maker.pick([subtract(node, multiply(graph.hyper, parts[graph.inputs.length + i]!)), maker.pick(alike), scale(maker.pick(alike), 0.5)]);
    graph.assignments.push(assign(node, value));
  });
  if (maker.chance(0.5)) graph.assignments.reverse();
  if (maker.chance(0.25)) graph.feeds['fed'] = maker.pick(pool.filter((node) => !graph.inputs.includes(node)));
  return graph;
}
