// What ONNX has one operator for where this library has several ops: affine functions, normalizations, composed activations.
import { makeNode, type Node } from '../../graph/node.ts';
import { countOf, sameShape, type Shape } from '../../graph/shape.ts';
import { activations, type ActivationName } from '../../layers/activations.ts';
import type { Model, PlacedLayer } from '../../network/model.ts';
import { elementwiseOps } from '../../ops/elementwise.ts';
import { matmulOps } from '../../ops/matmul.ts';
import { shapeOps } from '../../ops/shape.ts';
import { variableOps } from '../../ops/variables.ts';
import type { Plan } from './ops.ts';
import type { AttributeValue, GraphWriter } from './writer.ts';

/** An activation that is one operator, from an operator set on. */
interface ActivationIdiom {
  readonly name: ActivationName;
  readonly since: number;
  write(writer: GraphWriter, x: string): string;
}

const as = (name: ActivationName, since: number, opType: string, attributes: Readonly<Record<string, AttributeValue>> = {}): ActivationIdiom => ({
  name, since, write: (writer, x) => writer.node(opType, [x], attributes),
});
const clip = (name: ActivationName, low: number, high: number): ActivationIdiom => ({
  name, since: 13, write: (writer, x) => writer.node('Clip', [x, writer.scalar(low), writer.scalar(high)]),
});

/** max(0, min(1, x/6 + 1/2)). */
const sixth = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };

const activationIdioms: readonly ActivationIdiom[] = [
  clip('relu6', 0, 6), clip('hardTanh', -1, 1), clip('hardClip', 0, 1), as('softsign', 13, 'Softsign'), as('selu', 13, 'Selu'),
  as('hardSigmoid', 13, 'HardSigmoid', sixth), as('mish', 18, 'Mish'),
  { name: 'hardSwish', since: 13, write: (writer, x) => (writer.opset >= 14 ? writer.node('HardSwish', [x]) : writer.node('Mul', [x, writer.node('HardSigmoid', [x], sixth)])) },
];

/** What stands in a graph where the leaf of a pattern stands. */
interface Binding { readonly leaf: Node; found?: Node }

/** Whether `node` is the graph of `pattern`: the same ops and constants over one node in the place of the leaf. */
function unify(pattern: Node, node: Node, binding: Binding): boolean {
  if (pattern === binding.leaf) {
    binding.found ??= node;
    return binding.found === node && sameShape(node.shape, pattern.shape);
  }
  const keys = new Set([...Object.keys(pattern.attributes), ...Object.keys(node.attributes)]);
  return pattern.op === node.op && pattern.inputs.length === node.inputs.length
    && [...keys].every((key) => String(pattern.attributes[key]) === String(node.attributes[key]))
    && pattern.inputs.every((input, i) => unify(input, node.inputs[i]!, binding));
}

interface Template { readonly root: Node; readonly leaf: Node }

/** Composed activations over inputs of the shapes that come up. */
class Templates {
  private readonly made = new Map<string, Template>();

  of(name: ActivationName, shape: Shape): Template {
    const key = `${name} ${shape.join()}`;
    let template = this.made.get(key);
    if (template === undefined) {
      const leaf = makeNode(variableOps.input, [], { name: 'z', shape: JSON.stringify(shape) });
      template = { leaf, root: activations[name].build(leaf, 0) };
      this.made.set(key, template);
    }
    return template;
  }
}

/** The plans of nodes that are one operator in ONNX, by the layers that made them and by their form. */
export class Idioms {
  private readonly opset: number;
  private readonly layers = new Map<Node, Plan>();
  private readonly templates = new Templates();
  private readonly consumers: ReadonlyMap<Node, readonly Node[]>;

  constructor({ prediction, states }: Model, consumers: ReadonlyMap<Node, readonly Node[]>, opset: number) {
    this.opset = opset;
    this.consumers = consumers;
    const stateOf = (name: string): Node => states.find((state) => state.name === name)!.node;
    for (const placed of prediction.layers) {
      const plan = layerIdioms[placed.layer.type]?.(placed, stateOf, opset);
      if (plan !== undefined) this.layers.set(placed.a, plan);
    }
  }

  planFor(node: Node): Plan | undefined {
    return this.layers.get(node) ?? this.affine(node) ?? this.activation(node);
  }

  private activation(node: Node): Plan | undefined {
    for (const { name, since, write } of activationIdioms) {
      if (this.opset < since) continue;
      const { root, leaf } = this.templates.of(name, node.shape), binding: Binding = { leaf };
      if (unify(root, node, binding)) return { needs: [binding.found!], write: (writer, [value]) => write(writer, value!) };
    }
    return undefined;
  }

  /** x Wᵀ + b as one product, where nothing else reads the product. */
  private affine(node: Node): Plan | undefined {
    if (node.op !== elementwiseOps.add) return undefined;
    for (const [product, other] of [node.inputs, node.inputs.toReversed()] as [Node, Node][]) {
      if (product.op !== matmulOps.matmul || !sameShape(product.shape, node.shape) || this.consumers.get(product)!.length > 1) continue;
      const bias = other.op === shapeOps.broadcastTo ? other.inputs[0]! : other;
      if (countOf(bias.shape) !== Number(product.shape[1]) || bias.shape[0] === 'rows') continue;
      const { transposeA, transposeB } = product.attributes;
      return { needs: [...product.inputs, bias], write: (writer, names) => writer.node('Gemm', names, { transA: Number(transposeA === true), transB: Number(transposeB === true) }) };
    }
    return undefined;
  }
}

type LayerIdiom = (placed: PlacedLayer, stateOf: (name: string) => Node, opset: number) => Plan | undefined;

/** Factor and summand of a normalization, ones and zeros where it has none. */
function scaleAndBias(placed: PlacedLayer, writer: GraphWriter, names: readonly string[]): string[] {
  if (names.length > 0) return [...names];
  const features = Number(placed.a.shape[1]);
  return [writer.tensor(`${placed.name}.weight`, [features], new Float32Array(features).fill(1)), writer.tensor(`${placed.name}.bias`, [features], new Float32Array(features))];
}

const layerIdioms: Readonly<Record<string, LayerIdiom>> = {
  batchNorm(placed, stateOf) {
    if (placed.layer.options['trackRunning'] !== true) return undefined;
    const base = placed.name.replace(/@\d+$/, ''), parameters = placed.parameters.map(({ node }) => node);
    return {
      needs: [placed.inputs[0], stateOf(`${base}.runningMean`), stateOf(`${base}.runningVariance`), ...parameters],
      write(writer, [x, mean, variance, ...affine]) {
        const { epsilon, momentum } = placed.layer.options;
        const attributes = { epsilon: { float: Number(epsilon) }, momentum: { float: 1 - Number(momentum) } };
        return writer.node('BatchNormalization', [x!, ...scaleAndBias(placed, writer, affine), mean!, variance!], attributes);
      },
    };
  },
  layerNorm: (placed, _stateOf, opset) => ({
    needs: [placed.inputs[0], ...placed.parameters.map(({ node }) => node)],
    write(writer, [x, ...affine]) {
      const epsilon = Number(placed.layer.options['epsilon']);
      if (opset >= 17) return writer.node('LayerNormalization', [x!, ...scaleAndBias(placed, writer, affine)], { axis: -1, epsilon: { float: epsilon } });
      const mean = (of: string): string => writer.node('ReduceMean', [of], { axes: [-1], keepdims: 1 });
      const centred = writer.node('Sub', [x!, mean(x!)]), variance = mean(writer.node('Pow', [centred, writer.scalar(2)]));
      const standardized = writer.node('Div', [centred, writer.node('Sqrt', [writer.node('Add', [variance, writer.scalar(epsilon)])])]);
      const [weight, bias] = affine;
      return weight === undefined ? standardized : writer.node('Add', [writer.node('Mul', [standardized, weight]), bias!]);
    },
  }),
  prelu: (placed) => ({ needs: [placed.inputs[0], placed.parameters[0]!.node], write: (writer, names) => writer.node('PRelu', names) }),
  average: (placed) => ({ needs: placed.inputs, write: (writer, names) => writer.node('Mean', names) }),
};
