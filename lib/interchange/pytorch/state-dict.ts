// Weights as PyTorch keeps them: a safetensors file with the names and shapes of the state_dict of an nn.Sequential.
import type { Node } from '../../graph/node.ts';
import { countOf } from '../../graph/shape.ts';
import { writeFileAtomic } from '../../io/atomic.ts';
import { encodeSafetensors, type NamedTensor } from '../../io/safetensors.ts';
import type { Network } from '../../network/network.ts';
import { nonEmptyString } from '../../options.ts';
import { modulesOf, type ModuleTensor } from './modules.ts';

type Memory = Float32Array | Float64Array;

/**
 * Writes the weights of a chain of layers so that PyTorch loads them, and resolves to the nn.Sequential they belong to, as Python text.
 * Activations are modules of their own and count in the numbering (`0.weight`, `0.bias`, `2.weight` …); running statistics are there with
 * `num_batches_tracked`; weights are those that the layer computes with, masked and normalized. Layers that only act in training and are
 * no modules become `nn.Identity`; scalers become `nn.BatchNorm1d` with fixed statistics: leave those in evaluation mode.
 * @throws {OptionError} On layers that branch, and on layers and activations that are no modules, by name.
 *
 * @example
 * console.log(await exportStateDict(network, 'digits.safetensors'));
 * // In Python: model.load_state_dict(safetensors.torch.load_file('digits.safetensors')); model.eval()
 */
export async function exportStateDict(network: Network, path: string): Promise<string> {
  nonEmptyString('exportStateDict', 'path', path);
  const { tensors, text } = await network.withModel('exportStateDict', (model, valuesOf, steps) => {
    const found = modulesOf(model);
    const asked = found.flatMap(({ module }) => Object.values(module.tensors).flatMap(({ from }) => (typeof from === 'number' ? [] : [from])));
    const nodes = [...new Set(asked)], values = valuesOf(nodes), byNode = new Map(nodes.map((node, i) => [node, values[i]!]));
    const tensors = found.flatMap(({ module }, i): NamedTensor[] => [
      ...Object.entries(module.tensors).map(([name, tensor]) => ({ name: `${i}.${name}`, shape: tensor.shape, data: dataOf(tensor, byNode) })),
      ...(module.counts === true ? [{ name: `${i}.num_batches_tracked`, shape: [], data: BigInt64Array.of(BigInt(steps)) }] : []),
    ]);
    return { tensors, text: `nn.Sequential(\n${found.map(({ layer, module }, i) => `    ${module.text},  # ${i}: ${layer}\n`).join('')})` };
  });
  await writeFileAtomic(path, encodeSafetensors(tensors, { format: 'pt' }));
  return text;
}

/** The values of a module's tensor, row-major, in memory of their own. */
function dataOf({ shape, from, transposed, change }: ModuleTensor, byNode: ReadonlyMap<Node, Memory>): Memory {
  if (typeof from === 'number') return new Float32Array(countOf(shape)).fill(from);
  const values = byNode.get(from)!.slice();
  if (transposed === true) {
    const [lines, columns] = shape as [number, number], source = byNode.get(from)!;
    for (let i = 0; i < lines; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = source[j * lines + i]!;
  }
  if (change !== undefined) for (let i = 0; i < values.length; i++) values[i] = change(values[i]!);
  return values;
}
