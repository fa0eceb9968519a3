// Layers that measure the training data, such as scalers of the input.
import type { Statistics } from '../data/statistics.ts';
import { OptionError } from '../errors.ts';
import { layerType } from '../layers/registry.ts';
import type { Model } from './model.ts';
import type { Store } from './store.ts';

/** Whether the network has layers that measure the training data. */
export function needsAdapting({ architecture }: Model): boolean {
  return architecture.layers.some(({ type }) => layerType(type).adapt !== undefined);
}

/** Sets the state of such layers from the statistics of all inputs side by side. */
export function adaptLayers(store: Store, { architecture, training, states }: Model, statistics: Statistics): void {
  for (const { name, layer, reads } of training.layers) {
    const { adapt } = layerType(layer.type);
    if (adapt === undefined) continue;
    const input = reads[0]!;
    if (input >= architecture.inputs.length) throw new OptionError(`[${layer.type} '${name}'] expected to read an input of the network, which it measures, but it reads another layer`);
    const first = architecture.inputs.slice(0, input).reduce((so, { features }) => so + features, 0);
    const own = (values: Float64Array): Float64Array => values.subarray(first, first + architecture.inputs[input]!.features);
    const { mean, variance, minimum, maximum } = statistics;
    const found = adapt({ mean: own(mean), variance: own(variance), minimum: own(minimum), maximum: own(maximum) }, layer.options);
    for (const [part, values] of Object.entries(found)) store.write(states.find((state) => state.name === `${name}.${part}`)!.node, values);
  }
}
