// A chain of layers cut into stages: a dense layer and what follows it, up to the next dense layer.
import type { Node } from '../graph/node.ts';
import { OptionError } from '../errors.ts';
import type { LayerSpec } from '../layers/layer.ts';
import type { Sparsity } from '../layers/penalties.ts';
import { layerType } from '../layers/registry.ts';
import type { Architecture } from '../network/architecture.ts';
import type { Model } from '../network/model.ts';

/** Layers that are trained together as an encoder. */
export interface Stage {
  /** Name of its dense layer in the network. */
  readonly name: string;
  /** Number of that layer in the chain. */
  readonly first: number;
  readonly layers: readonly LayerSpec[];
  /** What it reads in prediction: the representation below. */
  readonly representation: Node;
}

function isChain({ inputs, layers, applications, outputs }: Architecture): boolean {
  return inputs.length === 1 && outputs.length === 1 && outputs[0]!.value === layers.length && applications.length === layers.length
    && applications.every((application, i) => application.layer === i && application.inputs.length === 1 && application.inputs[0] === i);
}

/** The stages of a network, from its input on; the last dense layer begins one only where `output` is true. */
export function stagesOf({ architecture, prediction }: Model, output: boolean, sparsity: Sparsity | undefined): Stage[] {
  if (!isChain(architecture)) throw new OptionError('[pretrain] expected a chain of layers, each applied once to the one before, but the network is a graph');
  const { layers } = architecture, dense = layers.flatMap(({ type }, i) => (type === 'dense' ? [i] : []));
  const wanted = output ? dense : dense.slice(0, -1);
  if (wanted.length === 0) throw new OptionError(`[pretrain] expected a network with a dense layer${output ? '' : ' below that of its output'}`);
  return wanted.map((first, i): Stage => {
    const encoder: LayerSpec = layers[first]!, others = layers.slice(first + 1, dense[i + 1]);
    const penalized = sparsity === undefined ? encoder : layerType('dense').check({ ...encoder.options, sparsity });
    const { name, inputs } = prediction.layers[first]!;
    return { name, first, layers: [penalized, ...others], representation: inputs[0] };
  });
}
