// Softmax, its logarithm, log-sum-exp, and cross-entropy from logits, which never computes a softmax by itself.
import { ShapeError } from '../errors.ts';
import { makeNode, type Node, type OpDefinition } from '../graph/node.ts';
import { countOf, formatShape, hasRows, sameShape, type Shape } from '../graph/shape.ts';
import { add, exp, multiply, subtract } from './elementwise.ts';
import { oneHot } from './labels.ts';
import { sum } from './reduce.ts';
import { broadcastTo, reshape } from './shape.ts';

/** [kind, outer, k, inner] of the last axis. */
function overLastAxis(kind: 0 | 1 | 2) {
  return (node: Node): readonly number[] => {
    const x = node.inputs[0]!.shape;
    return [kind, countOf(x.slice(0, -1)), Number(x.at(-1)), hasRows(x) ? -1 : 1];
  };
}

function needsFeatures(x: Shape, where: string): Shape {
  if (x.length === 0 || x.at(-1) === 'rows') throw new ShapeError(`${where} expected a last dimension of classes but received ${formatShape(x)}`);
  return x;
}

const samples = [{ shapes: [['rows', 4]] }, { shapes: [['rows', 2, 3]] }, { shapes: [[5]] }, { shapes: [[3, 7]] }] as const;

/** Sum over the last axis, kept as 1 and repeated. */
function sumLast(x: Node): Node {
  return spreadLast(sum(x, [-1]), x);
}

function spreadLast(reduced: Node, like: Node): Node {
  return broadcastTo(reshape(reduced, [...like.shape.slice(0, -1), 1]), like.shape);
}

/** The sum of the terms there are, or null. */
function addGiven(terms: readonly (Node | null | undefined)[]): Node | null {
  const given = terms.filter((term) => term != null);
  return given.length === 0 ? null : given.reduce(add);
}

/** y (v − Σ y v): the Jacobian of a softmax y, which is symmetric, times v. */
function throughSoftmax(y: Node, v: Node): Node {
  return multiply(y, subtract(v, sumLast(multiply(v, y))));
}

export const softmaxOps = {
  softmax: {
    name: 'softmax', doc: 'exp(x) / Σ exp(x) over the last axis, computed after subtracting the maximum.', arity: 1,
    shape: ([x], _attributes, where) => needsFeatures(x!, where),
    gradient: (node, upstream) => [throughSoftmax(node, upstream)],
    // Its Jacobian is symmetric.
    tangent: (node, [t]) => throughSoftmax(node, t!),
    lowering: { kind: 'instruction', instruction: 'softmax', attributes: overLastAxis(0) },
    samples,
  },
  logSoftmax: {
    name: 'logSoftmax', doc: 'x − log Σ exp(x) over the last axis.', arity: 1,
    shape: ([x], _attributes, where) => needsFeatures(x!, where),
    gradient: (node, upstream) => [subtract(upstream, multiply(exp(node), sumLast(upstream)))],
    tangent: (node, [t]) => subtract(t!, sumLast(multiply(exp(node), t!))),
    lowering: { kind: 'instruction', instruction: 'softmax', attributes: overLastAxis(1) },
    samples,
  },
  logSumExp: {
    name: 'logSumExp', doc: 'log Σ exp(x) over the last axis, which is removed.', arity: 1,
    shape: ([x], _attributes, where) => needsFeatures(x!, where).slice(0, -1),
    gradient: (node, upstream) => {
      const x = node.inputs[0]!;
      return [multiply(spreadLast(upstream, x), softmax(x))];
    },
    tangent: (node, [t]) => sum(multiply(softmax(node.inputs[0]!), t!), [-1]),
    lowering: { kind: 'instruction', instruction: 'softmax', attributes: overLastAxis(2) },
    samples,
  },
  softmaxCrossEntropy: {
    name: 'softmaxCrossEntropy', doc: 'Cross-entropy of each example from logits: −Σ t log softmax(z), with class labels [rows, 1] or probabilities [rows, k].', arity: 2,
    shape: ([z, t], attributes, where) => {
      checkTargets(z!, t!, attributes['sparse'] === true, where);
      return ['rows', 1];
    },
    gradient: (node, upstream) => {
      const [z, t] = node.inputs as [Node, Node];
      const delta = makeNode(softmaxOps.crossEntropyDelta, [z, t], node.attributes);
      const dense = node.attributes['sparse'] !== true;
      // For probabilities as targets: dL/dt = logSumExp(z) − z.
      return [multiply(broadcastTo(upstream, z.shape), delta), dense ? multiply(broadcastTo(upstream, z.shape), subtract(spreadLast(logSumExp(z), z), z)) : null];
    },
    tangent: (node, [tz, tt]) => {
      const [z, t] = node.inputs as [Node, Node];
      const parts: (Node | null | undefined)[] = [tz && multiply(makeNode(softmaxOps.crossEntropyDelta, [z, t], node.attributes), tz)];
      if (tt != null && node.attributes['sparse'] !== true) parts.push(multiply(subtract(spreadLast(logSumExp(z), z), z), tt));
      const total = addGiven(parts);
      return total && reshape(sum(total, [1]), node.shape);
    },
    lowering: { kind: 'instruction', instruction: 'softmaxCrossEntropy', attributes: crossEntropyAttributes },
    samples: [
      { shapes: [['rows', 4], ['rows', 1]], attributes: { sparse: true }, domain: ['normal', 'label:4'] },
      { shapes: [['rows', 3], ['rows', 3]], attributes: { sparse: false }, domain: ['normal', 'probability:3'] },
    ],
  },
  crossEntropyDelta: {
    name: 'crossEntropyDelta', doc: 'Gradient of softmaxCrossEntropy with respect to its logits: softmax(z) Σt − t.', arity: 2,
    shape: ([z, t], attributes, where) => {
      checkTargets(z!, t!, attributes['sparse'] === true, where);
      return z!;
    },
    gradient: (node, upstream) => {
      const [z, t] = node.inputs as [Node, Node];
      const target = node.attributes['sparse'] === true ? oneHot(t, Number(z.shape[1])) : t;
      const probability = softmax(z);
      const dz = multiply(sumLast(target), throughSoftmax(probability, upstream));
      return [dz, target === t ? subtract(sumLast(multiply(upstream, probability)), upstream) : null];
    },
    tangent: (node, [tz, tt]) => {
      const [z, t] = node.inputs as [Node, Node];
      const sparse = node.attributes['sparse'] === true, probability = softmax(z);
      const parts: (Node | null | undefined)[] = [tz && multiply(sumLast(sparse ? oneHot(t, Number(z.shape[1])) : t), throughSoftmax(probability, tz))];
      if (tt != null && !sparse) parts.push(subtract(multiply(probability, sumLast(tt)), tt));
      return addGiven(parts);
    },
    lowering: { kind: 'instruction', instruction: 'softmaxCrossEntropy', attributes: crossEntropyAttributes },
    samples: [
      { shapes: [['rows', 4], ['rows', 1]], attributes: { sparse: true }, domain: ['normal', 'label:4'] },
      { shapes: [['rows', 3], ['rows', 3]], attributes: { sparse: false }, domain: ['normal', 'probability:3'] },
    ],
  },
} as const satisfies Record<string, OpDefinition>;

function crossEntropyAttributes(node: Node): readonly number[] {
  return [Number(node.inputs[0]!.shape[1]), node.attributes['sparse'] === true ? 1 : 0];
}

function checkTargets(z: Shape, t: Shape, sparse: boolean, where: string): void {
  const expected: Shape = ['rows', sparse ? 1 : z[1] ?? 1];
  if (z.length !== 2 || !hasRows(z)) throw new ShapeError(`${where} expected logits of shape [rows, classes] but received ${formatShape(z)}`);
  if (!sameShape(t, expected)) throw new ShapeError(`${where} expected targets of shape ${formatShape(expected)} but received ${formatShape(t)}`);
}

/** exp(x) / Σ exp(x) over the last axis. */
export function softmax(x: Node): Node {
  return makeNode(softmaxOps.softmax, [x]);
}

/** x − log Σ exp(x) over the last axis. */
export function logSoftmax(x: Node): Node {
  return makeNode(softmaxOps.logSoftmax, [x]);
}

/** log Σ exp(x) over the last axis, which is removed. */
export function logSumExp(x: Node): Node {
  return makeNode(softmaxOps.logSumExp, [x]);
}

/**
 * Cross-entropy of each example from `logits` [rows, k], as [rows, 1]: `targets` are class labels [rows, 1] (from 0) or
 * probabilities [rows, k]. With k = 1 the targets would be ambiguous: use sigmoidCrossEntropy there.
 */
export function softmaxCrossEntropy(logits: Node, targets: Node): Node {
  const sparse = targets.shape.length === 2 && targets.shape[1] === 1;
  return makeNode(softmaxOps.softmaxCrossEntropy, [logits, targets], { sparse });
}
