// The graph of a network: its layers one after the other, once for training and once for prediction, over the same parameters.
import { OptionError } from '../errors.ts';
import { withPath, type Node } from '../graph/node.ts';
import type { LayerContext, LayerOutput, LayerSpec, ParameterRequest } from '../layers/layer.ts';
import { countOf, formatShape } from '../graph/shape.ts';
import { drawInitial } from '../layers/initializers.ts';
import { layerType } from '../layers/registry.ts';
import { uniform } from '../ops/draw.ts';
import { input, parameter } from '../ops/variables.ts';
import { RandomStream, streams } from '../random/philox.ts';

/** More values than this, 8 GiB in single precision, are taken for a mistake. */
const largestTensor = 2 ** 31 - 1;

/** A trained tensor of the network. */
export interface Parameter {
  /** `layer.name`, as in `dense1.weight`. */
  readonly name: string;
  readonly node: Node;
  readonly request: ParameterRequest;
}

/** A layer in its place: what it reads and what it makes. */
export interface PlacedLayer extends LayerOutput {
  readonly name: string;
  readonly spec: LayerSpec;
  readonly x: Node;
  readonly parameters: readonly Parameter[];
}

/** One graph of the network. */
export interface LayerGraph {
  readonly layers: readonly PlacedLayer[];
  readonly output: Node;
}

/** First values of a parameter, which is the `number`th. */
export type InitialValues = (name: string, request: ParameterRequest, number: number) => Float64Array;

export interface Model {
  readonly input: Node;
  readonly training: LayerGraph;
  readonly prediction: LayerGraph;
  readonly parameters: readonly Parameter[];
}

/** Names of layers: their type and a number, counted by type. */
function nameLayers(specs: readonly LayerSpec[]): string[] {
  const counts = new Map<string, number>();
  return specs.map(({ type }) => {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    return `${type}${count}`;
  });
}

export function buildModel(inputs: number, specs: readonly LayerSpec[], seed: number, initialValues: InitialValues = drawnFrom(seed)): Model {
  const x = input('x', ['rows', inputs]);
  const parameters = new Map<string, Parameter>();
  const names = nameLayers(specs);
  let drawKeys = 0;

  const build = (training: boolean): LayerGraph => {
    let current = x;
    const layers = specs.map((spec, i): PlacedLayer => {
      const { type } = spec, name = names[i]!, own: Parameter[] = [];
      const context: LayerContext = {
        name, training,
        parameter(parameterName, request) {
          const full = `${name}.${parameterName}`;
          let found = parameters.get(full);
          if (found === undefined) {
            if (countOf(request.shape) > largestTensor) throw new OptionError(`[${type} '${name}'] expected tensors of at most ${largestTensor} values but the shape of '${parameterName}' is ${formatShape(request.shape)}`);
            found = { name: full, node: parameter(full, request.shape, initialValues(full, request, parameters.size)), request };
            parameters.set(full, found);
          }
          own.push(found);
          return found.node;
        },
        draw: (like) => uniform(like.shape, seed, drawKeys++),
      };
      const placed = { name, spec, x: current, ...withPath(name, () => layerType(type).build(current, spec.options, context)), parameters: own };
      current = placed.a;
      return placed;
    });
    return { layers, output: current };
  };

  const prediction = build(false);
  const training = build(true);
  if (prediction.output === x) throw new OptionError('[Network] expected at least one layer that computes something');
  return { input: x, training, prediction, parameters: [...parameters.values()] };
}

/** Values by the parameter's initializer. */
function drawnFrom(seed: number): InitialValues {
  return (_name, { initializer, shape, fanIn, fanOut }, number) => drawInitial(initializer, countOf(shape), fanIn, fanOut, new RandomStream(seed, streams.weights, number));
}
