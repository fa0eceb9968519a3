// Networks as ONNX files: the graph of prediction, op by op, with the weights as initializers.
import { internal, OptionError } from '../../errors.ts';
import type { Node } from '../../graph/node.ts';
import { ancestors, consumersOf } from '../../graph/query.ts';
import { hasRows } from '../../graph/shape.ts';
import { writeFileAtomic } from '../../io/atomic.ts';
import { modelSchema, type ModelProto } from '../../io/onnx/schema.ts';
import { encodeMessage, type Chunks } from '../../io/onnx/wire.ts';
import type { Model } from '../../network/model.ts';
import type { Network } from '../../network/network.ts';
import { checkOptions, invalid, nonEmptyString } from '../../options.ts';
import { joinOps } from '../../ops/join.ts';
import { variableOps } from '../../ops/variables.ts';
import { Idioms } from './idioms.ts';
import { onnxRules, type Plan } from './ops.ts';
import { GraphWriter } from './writer.ts';

/** Options of `exportOnnx`. */
export interface OnnxOptions {
  /** Version of the ONNX operator set, 13 to 19 (default 17, of ONNX 1.12 and ONNX Runtime 1.12). */
  readonly opset?: number;
  /** Name of the graph in the file (default `'densely'`). */
  readonly name?: string;
}

const opsets = { oldest: 13, newest: 19 };
/** The limit of Protocol Buffers for one message. */
const mostBytes = 2 ** 31 - 1;

/** Version of the file format that came with an operator set (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
const formatOf = (opset: number): number => (opset < 15 ? 7 : opset < 19 ? 8 : 9);

type ValuesOf = (nodes: readonly Node[]) => (Float32Array | Float64Array)[];

/**
 * Writes what the network predicts as an ONNX model: to a file, atomically, or as bytes where `path` is undefined. Inputs and outputs go
 * by the network's names, are of single precision and [rows, features] with any number of rows; weights are initializers by the names
 * that `weights` gives. Layers that act in training alone are left out; what follows from weights alone (masks, normalized weights) is
 * computed once.
 * @throws {OptionError} Where a layer of one's own draws random numbers in prediction, or the model has more than 2 GiB.
 *
 * @example await exportOnnx(network, 'digits.onnx');
 */
export async function exportOnnx(network: Network, path: string, options?: OnnxOptions): Promise<void>;
export async function exportOnnx(network: Network, path?: undefined, options?: OnnxOptions): Promise<Uint8Array>;
export async function exportOnnx(network: Network, path?: string, options: OnnxOptions = {}): Promise<Uint8Array | void> {
  checkOptions('exportOnnx', options, ['opset', 'name']);
  const { opset = 17, name = 'densely' } = options;
  if (path !== undefined) nonEmptyString('exportOnnx', 'path', path);
  nonEmptyString('exportOnnx', 'name', name);
  if (!Number.isInteger(opset) || opset < opsets.oldest || opset > opsets.newest) throw invalid('exportOnnx', 'opset', `a whole number from ${opsets.oldest} to ${opsets.newest}`, opset);
  const chunks = await network.withModel('exportOnnx', (model, valuesOf) => encode(new Exporter(model, opset).write(name, valuesOf)));
  if (path === undefined) return joined(chunks);
  await writeFileAtomic(path, chunks.parts);
}

function encode(model: ModelProto): Chunks {
  const chunks = encodeMessage(modelSchema, model);
  if (chunks.length > mostBytes) throw new OptionError(`[exportOnnx] expected a model of at most ${mostBytes} bytes, the limit of the format, but it has ${chunks.length}`);
  return chunks;
}

function joined({ length, parts }: Chunks): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

class Exporter {
  private readonly model: Model;
  private readonly writer: GraphWriter;
  private readonly idioms: Idioms;
  /** Nodes that follow from constants and tensors of the network alone. */
  private readonly fixed: ReadonlySet<Node>;
  private readonly plans = new Map<Node, Plan>();

  constructor(model: Model, opset: number) {
    this.model = model;
    const { inputs, outputs } = model.architecture, nodes = ancestors(model.prediction.outputs.map(({ node }) => node));
    this.writer = new GraphWriter(opset, inputs[0]!.name, [...inputs, ...outputs].map(({ name }) => name));
    const consumers = consumersOf(nodes) as Map<Node, Node[]>;
    // An output counts as read once more.
    for (const { node } of model.prediction.outputs) consumers.get(node)!.push(node);
    this.idioms = new Idioms(model, consumers, opset);
    this.fixed = fixedAmong(nodes);
  }

  write(name: string, valuesOf: ValuesOf): ModelProto {
    const { prediction, architecture } = this.model, { opset } = this.writer;
    const order = this.order(prediction.outputs.map(({ node }) => node));
    const names = this.tensors(order.filter((node) => this.fixed.has(node)), valuesOf);
    for (const node of order) {
      if (names.has(node)) continue;
      this.writer.path = node.path;
      const plan = this.plans.get(node)!;
      names.set(node, plan.write(this.writer, plan.needs.map((need) => names.get(need)!)));
    }
    const used = new Set(architecture.inputs.map((input) => input.name));
    const outputs = prediction.outputs.map((output) => {
      // A name is there once in a graph, be it of an input or of an output.
      const wanted = used.has(output.name) ? `${output.name}_output` : output.name;
      used.add(wanted);
      return { name: wanted, features: Number(output.node.shape[1]), value: names.get(output.node)! };
    });
    return { irVersion: formatOf(opset), producerName: 'densely', graph: this.writer.graph(name, architecture.inputs, outputs), opsetImport: [{ domain: '', version: opset }] };
  }

  /** Everything that has to be written for `roots`, in an order in which it can be; without recursion, for networks may be deeper than the stack. */
  private order(roots: readonly Node[]): Node[] {
    const found = new Set<Node>(), pending = roots.toReversed();
    while (pending.length > 0) {
      const node = pending.at(-1)!;
      const missing = found.has(node) ? [] : this.planOf(node).needs.filter((need) => !found.has(need));
      if (missing.length > 0) {
        pending.push(...missing);
        continue;
      }
      pending.pop();
      found.add(node);
    }
    return [...found];
  }

  private planOf(node: Node): Plan {
    let plan = this.plans.get(node);
    if (plan === undefined) {
      plan = this.fixed.has(node) ? { needs: [], write: () => { throw internal('a fixed node is a tensor'); } } : this.port(node) ?? this.idioms.planFor(node) ?? this.rule(node);
      this.plans.set(node, plan);
    }
    return plan;
  }

  private rule(node: Node): Plan {
    const rule = onnxRules[node.op.name];
    if (rule === undefined) throw internal(`no ONNX operators for ${node.op.name}`);
    return rule(node);
  }

  /** An input of the network: all of `x`, or the part that belongs to one of several. */
  private port(node: Node): Plan | undefined {
    const { architecture: { inputs }, input: x } = this.model;
    if (node === x) return { needs: [], write: () => inputs[0]!.name };
    if (inputs.length === 1 || node.op !== joinOps.slice || node.inputs[0] !== x) return undefined;
    let begin = 0;
    for (const { name, features } of inputs) {
      if (node.attributes['begin'] === begin && node.attributes['end'] === begin + features) return { needs: [], write: () => name };
      begin += features;
    }
    throw internal('a part of the input that is no input');
  }

  /** Writes fixed nodes as initializers; those that were computed of a parameter go by its name where that is free. */
  private tensors(nodes: readonly Node[], valuesOf: ValuesOf): Map<Node, string> {
    const computed = nodes.filter(({ op }) => op !== variableOps.constant), found = valuesOf(computed), names = new Map<Node, string>();
    const values = new Map(computed.map((node, i) => [node, found[i]!]));
    for (const node of nodes.toSorted((a, b) => a.inputs.length - b.inputs.length)) {
      const parameter = ancestors([node]).find(({ op }) => op === variableOps.parameter);
      const wanted = parameter?.name ?? (node.op === variableOps.state ? node.name : `${node.path === '' ? '' : `${node.path}.`}constant`);
      names.set(node, this.writer.tensor(wanted, node.shape as number[], values.get(node) ?? node.data!));
    }
    return names;
  }
}

/** Nodes without rows that depend on tensors and constants alone. */
function fixedAmong(nodes: readonly Node[]): Set<Node> {
  const kept = [variableOps.parameter, variableOps.state, variableOps.constant], fixed = new Set<Node>();
  for (const node of nodes) {
    const isKept = kept.includes(node.op as never), isComputed = node.inputs.length > 0 && node.inputs.every((input) => fixed.has(input));
    if (isKept || (isComputed && !hasRows(node.shape))) fixed.add(node);
  }
  return fixed;
}
