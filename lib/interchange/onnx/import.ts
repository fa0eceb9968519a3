// ONNX files as networks: the graph is read from its outputs, and what nodes mean together becomes layers.
import { readFile } from 'node:fs/promises';
import { ModelFormatError } from '../../errors.ts';
import type { Configuration } from '../../network/architecture.ts';
import { Network } from '../../network/network.ts';
import { backendFor, type RunOptions } from '../../network/network-options.ts';
import type { GivenTensor } from '../../network/tensors.ts';
import { checkOptions, invalid, nonEmptyString, quote } from '../../options.ts';
import { readGraph, type OnnxGraph } from './graph.ts';
import { LayerList, type Value } from './layer-list.ts';
import { planFor, valueOperators, type LayerPlan } from './layers.ts';

/** Options of `importOnnx`: where the network runs, and where the file's weights may lie. */
export interface OnnxImportOptions extends RunOptions {
  /** Folder of files with weights that the model keeps outside of itself; without it such models are refused. */
  readonly externalData?: string;
}

/**
 * Reads an ONNX model of a feedforward network, from a file or from its bytes. What it is made of becomes layers (`dense` with its
 * activation, `batchNorm` and so on), so that the network can be trained and saved like any other; names of inputs and outputs stay,
 * with `_` for each dot. Constant factors and summands become scalers, which are not trained. Values may be of [rows, features], or of
 * more dimensions where they are flattened before they meet weights.
 * @throws {ModelFormatError} On a file that is no ONNX model, and on operators and types that no layer of this library has, by name.
 *
 * @example const network = await importOnnx('digits.onnx');
 */
export async function importOnnx(source: string | Uint8Array, options: OnnxImportOptions = {}): Promise<Network> {
  checkOptions('importOnnx', options, ['externalData', 'backend', 'precision', 'threads']);
  const { externalData, ...run } = options;
  if (externalData !== undefined) nonEmptyString('importOnnx', 'externalData', externalData);
  backendFor('importOnnx', run);
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) throw invalid('importOnnx', 'source', 'a path or a Uint8Array', source);
  const where = typeof source === 'string' ? `importOnnx ${quote(source, Infinity)}` : 'importOnnx';
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  const graph = await readGraph(bytes, externalData, where, valueOperators);
  const { configuration, tensors } = convert(graph);
  return Network.restore(where, { ...configuration, seed: 0, steps: 0, adapted: true }, tensors, run);
}

/** Names as networks have them, without dots and each once. */
function portNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replaceAll('.', '_') || 'value';
    let free = plain;
    for (let i = 2; taken.has(free); i++) free = `${plain}_${i}`;
    taken.add(free);
    return free;
  });
}

function convert(graph: OnnxGraph): { configuration: Configuration; tensors: readonly GivenTensor[] } {
  const list = new LayerList(graph), values = new Map<string, Value>(graph.inputs.map(({ name, dims }, value) => [name, { value, dims }]));
  const plans = new Map<string, LayerPlan>();
  const planOf = (name: string): LayerPlan => {
    let plan = plans.get(name);
    if (plan === undefined) {
      plan = planFor(graph, name);
      plans.set(name, plan);
    }
    return plan;
  };
  // Inputs before users and without recursion: models may be deeper than the stack.
  const pending = graph.outputs.toReversed();
  while (pending.length > 0) {
    const name = pending.at(-1)!, missing = values.has(name) ? [] : planOf(name).needs.filter((need) => !values.has(need));
    if (missing.length > 0) {
      pending.push(...missing);
      continue;
    }
    pending.pop();
    if (!values.has(name)) values.set(name, planOf(name).build(list, planOf(name).needs.map((need) => values.get(need)!)));
  }
  const seen = new Set<number>();
  const outputs = graph.outputs.map((name) => {
    const { value, dims } = values.get(name)!;
    if (dims.length !== 1) throw new ModelFormatError(`[${graph.where}] output ${quote(name)}: expected one of rows and features but an example of it has shape [${dims.join(', ')}]`);
    // A value can be one output; another one of the same numbers is a layer that passes it on.
    const own = seen.has(value) ? list.add('activation', { activation: 'linear' }, [value]) : value;
    seen.add(own);
    return own;
  });
  const names = portNames(graph.outputs), inputs = portNames(graph.inputs.map(({ name }) => name));
  return { configuration: list.configuration(inputs, outputs.map((value, i) => ({ name: names[i]!, value }))), tensors: list.tensors };
}
