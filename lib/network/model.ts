// The graph of a network: its layers applied in order, once for training and once for prediction, over the same parameters.
import { internal, OptionError, ShapeError } from '../errors.ts';
import { withPath, type Node } from '../graph/node.ts';
import { countOf, formatShape, sameShape } from '../graph/shape.ts';
import type { DerivedValues, Layer, LayerContext, LayerOutput, ParameterRequest } from '../layers/layer.ts';
import { layerType } from '../layers/registry.ts';
import { assign } from '../ops/assign.ts';
import { uniform } from '../ops/draw.ts';
import { concatenate, slice } from '../ops/join.ts';
import { input, parameter, state } from '../ops/variables.ts';
import type { Architecture } from './architecture.ts';

/** More values than this, 8 GiB in single precision, are taken for a mistake. */
const largestTensor = 2 ** 31 - 1;

/** A trained tensor of the network. */
export interface Parameter {
  /** `layer.name`, as in `dense1.weight`. */
  readonly name: string;
  readonly node: Node;
  readonly request: ParameterRequest;
}

/** A tensor that is kept and saved but not trained. */
export interface StateTensor {
  readonly name: string;
  readonly node: Node;
  readonly initial: number | Float64Array | DerivedValues;
}

/** A layer in its place: what it reads and what it makes. */
export interface PlacedLayer extends LayerOutput {
  /** The layer's name, and `@2` and so on where it is applied again. */
  readonly name: string;
  readonly layer: Layer;
  readonly inputs: readonly [Node, ...Node[]];
  /** Numbers of the values it reads and of the one it makes. */
  readonly reads: readonly number[];
  readonly makes: number;
  readonly parameters: readonly Parameter[];
  /** Assignments to its state tensors at the end of a step. */
  readonly updates: readonly Node[];
}

/** One graph of the network. */
export interface LayerGraph {
  readonly layers: readonly PlacedLayer[];
  readonly outputs: readonly { readonly name: string; readonly node: Node }[];
  /** All outputs side by side. */
  readonly output: Node;
  /** Scalars that layers add to the cost. */
  readonly penalties: readonly Node[];
  /** Assignments to state tensors at the end of a step. */
  readonly updates: readonly Node[];
}

export interface Model {
  readonly architecture: Architecture;
  /** All inputs side by side. */
  readonly input: Node;
  readonly training: LayerGraph;
  readonly prediction: LayerGraph;
  readonly parameters: readonly Parameter[];
  readonly states: readonly StateTensor[];
}

/** Names of layers: their type and a number, counted by type. */
function nameLayers(layers: readonly Layer[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ type }) => {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    return `${type}${count}`;
  });
}

/** Parts of `whole`, one after the other, of so many features each; `whole` itself where there is one. */
export function splitFeatures(whole: Node, features: readonly number[]): Node[] {
  let begin = 0;
  return features.map((count) => {
    const part = features.length === 1 ? whole : slice(whole, 1, begin, begin + count);
    begin += count;
    return part;
  });
}

/** Shapes of tensors by name; undefined where one is not told. */
export type GivenShapes = ReadonlyMap<string, readonly number[] | undefined>;

class Builder {
  readonly parameters = new Map<string, Parameter>();
  readonly states = new Map<string, StateTensor>();
  private readonly architecture: Architecture;
  private readonly seed: number;
  private readonly names: readonly string[];
  private readonly given: GivenShapes | undefined;
  private drawKeys = 0;

  constructor(architecture: Architecture, seed: number, given: GivenShapes | undefined) {
    this.architecture = architecture;
    this.seed = seed;
    this.given = given;
    this.names = nameLayers(architecture.layers);
  }

  build(x: Node, training: boolean): LayerGraph {
    const { inputs, applications, layers, outputs } = this.architecture;
    const values = splitFeatures(x, inputs.map(({ features }) => features));
    const penalties: Node[] = [], updates = new Map<string, Node>(), times = new Map<number, number>();
    const placed = applications.map((application): PlacedLayer => {
      const layer = layers[application.layer]!, base = this.names[application.layer]!, time = (times.get(application.layer) ?? 0) + 1;
      times.set(application.layer, time);
      const name = time === 1 ? base : `${base}@${time}`, own: Parameter[] = [], stored: string[] = [];
      const read = application.inputs.map((value) => values[value]!) as [Node, ...Node[]];
      const type = layerType(layer.type);
      if (type.arity !== 'several' && read.length > 1) throw new OptionError(`[${layer.type} '${name}'] expected one input but received ${read.length}`);
      const context: LayerContext = {
        name, training,
        parameter: (part, request) => this.parameter(layer.type, base, part, request, own),
        // A layer applied again goes on from what the application before will store.
        state: (part, shape, initial = 0) => updates.get(`${base}.${part}`) ?? this.state(`${base}.${part}`, shape, initial),
        update(part, value) {
          if (!training) return;
          updates.set(`${base}.${part}`, value);
          stored.push(`${base}.${part}`);
        },
        penalty: (value) => penalties.push(value),
        draw: (like) => uniform(like.shape, this.seed, this.drawKeys++),
      };
      const { z, a } = withPath(name, () => type.build(read, layer.options, context));
      const makes = values.push(a) - 1;
      return { name, layer, inputs: read, z, a, reads: application.inputs, makes, parameters: own, updates: stored.map((full) => assign(this.states.get(full)!.node, updates.get(full)!)) };
    });
    const named = outputs.map(({ name, value }) => ({ name, node: values[value]! })), given = new Set(values.slice(0, inputs.length));
    const idle = named.find(({ node }) => given.has(node));
    if (idle !== undefined && !training) throw new OptionError(`[Network] expected at least one layer that computes something but output '${idle.name}' is an input`);
    return {
      layers: placed, outputs: named, penalties, output: named.length === 1 ? named[0]!.node : concatenate(named.map(({ node }) => node)),
      updates: [...updates].map(([name, value]) => assign(this.states.get(name)!.node, value)),
    };
  }

  private parameter(type: string, layer: string, part: string, request: ParameterRequest, own: Parameter[]): Node {
    const name = `${layer}.${part}`;
    let found = this.parameters.get(name);
    if (found === undefined) {
      if (countOf(request.shape) > largestTensor) throw new OptionError(`[${type} '${layer}'] expected tensors of at most ${largestTensor} values but the shape of '${part}' is ${formatShape(request.shape)}`);
      this.checkGiven(name, request.shape);
      found = { name, node: parameter(name, request.shape), request };
      this.parameters.set(name, found);
    } else if (formatShape(found.request.shape) !== formatShape(request.shape)) {
      throw new OptionError(`[${type} '${layer}'] expected inputs of one width wherever the layer is applied but '${part}' would be ${formatShape(found.request.shape)} and ${formatShape(request.shape)}`);
    }
    own.push(found);
    return found.node;
  }

  private state(name: string, shape: readonly number[], initial: StateTensor['initial']): Node {
    let found = this.states.get(name);
    if (found === undefined) {
      if (initial instanceof Float64Array && initial.length !== countOf(shape)) throw internal(`${initial.length} first values for '${name}' ${formatShape(shape)}`);
      this.checkGiven(name, shape);
      found = { name, node: state(name, shape), initial };
      this.states.set(name, found);
    }
    return found.node;
  }

  private checkGiven(name: string, shape: readonly number[]): void {
    if (this.given === undefined) return;
    if (!this.given.has(name)) throw new OptionError(`[load] no values for '${name}'`);
    const found = this.given.get(name);
    if (found !== undefined && !sameShape(shape, found)) throw new ShapeError(`[load] expected shape ${formatShape(shape)} for '${name}' but received ${formatShape(found)}`);
  }
}

/** @param given Tensors that there are values for: nothing of the size of another one is made. */
export function buildModel(architecture: Architecture, seed: number, given?: GivenShapes): Model {
  const builder = new Builder(architecture, seed, given);
  const x = input('x', ['rows', architecture.inputs.reduce((so, { features }) => so + features, 0)]);
  const prediction = builder.build(x, false);
  const training = builder.build(x, true);
  return { architecture, input: x, training, prediction, parameters: [...builder.parameters.values()], states: [...builder.states.values()] };
}
