// The layers of a network that is being imported, with their tensors.
import type { LayerSpec } from '../../layers/layer.ts';
import type { Application, Configuration } from '../../network/architecture.ts';
import type { GivenTensor } from '../../network/tensors.ts';
import { countOf } from './constants.ts';
import type { OnnxGraph } from './graph.ts';

/** A value of the network: its number, and what one example of it looks like. */
export interface Value { readonly value: number; readonly dims: readonly number[] }

/** Values of a tensor of a layer, by the tensor's name in the layer. */
export type LayerTensors = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array }>>;

export class LayerList {
  private readonly graph: OnnxGraph;
  private readonly layers: LayerSpec[] = [];
  private readonly applications: Application[] = [];
  private readonly counts = new Map<string, number>();
  private readonly shared = new Map<string, number>();
  readonly tensors: GivenTensor[] = [];

  constructor(graph: OnnxGraph) {
    this.graph = graph;
  }

  /**
   * Applies a layer, and gives the number of what it makes. Layers of one `key` are one layer that is applied again, as where a file
   * uses weights twice.
   */
  add(type: string, options: LayerSpec['options'], inputs: readonly number[], tensors: () => LayerTensors = () => ({}), key?: string): number {
    const full = key === undefined ? undefined : JSON.stringify([type, options, key]);
    let layer = full === undefined ? undefined : this.shared.get(full);
    if (layer === undefined) {
      layer = this.layers.push({ type, options }) - 1;
      const number = (this.counts.get(type) ?? 0) + 1;
      this.counts.set(type, number);
      for (const [part, { shape, data }] of Object.entries(tensors())) {
        this.graph.budget.take(data.length);
        this.tensors.push({ name: `${type}${number}.${part}`, shape, data });
      }
      if (full !== undefined) this.shared.set(full, layer);
    }
    return this.graph.inputs.length + this.applications.push({ layer, inputs }) - 1;
  }

  /** The network with these names of inputs and these outputs. */
  configuration(inputs: readonly string[], outputs: Configuration['outputs'] & {}): Configuration {
    const named = this.graph.inputs.map(({ dims }, i) => ({ name: inputs[i]!, features: countOf(dims) }));
    return { inputs: named, layers: this.layers, applications: this.applications, outputs };
  }
}
