// An ONNX file as it is read: checked, with its constants computed, and with who makes and who reads each value.
import { ModelFormatError } from '../../errors.ts';
import { modelSchema, type GraphProto, type ModelProto, type ValueInfoProto } from '../../io/onnx/schema.ts';
import { elementTypeName, elementTypes, readTensor } from '../../io/onnx/tensor.ts';
import { decodeMessage } from '../../io/onnx/wire.ts';
import { quote } from '../../options.ts';
import { Budget, countOf, folds, type Constant } from './constants.ts';
import { attributeNumber, attributeNumbers, checkArity, fail, nodeOf, type OnnxNode } from './node.ts';

/** Versions of the operator set that are read: from that with NumPy's broadcasting on. */
const opsets = { oldest: 7, newest: 24 };
/** Features of an example, at most. */
const mostFeatures = 2 ** 31 - 1;

/** An input or output of the graph: what one example of it looks like, as [784] or [1, 28, 28]. */
export interface Port { readonly name: string; readonly dims: readonly number[]; readonly rows: number | undefined }

export interface OnnxGraph {
  readonly where: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly makers: ReadonlyMap<string, OnnxNode>;
  readonly readers: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly budget: Budget;
}

/** Reads a file. `operators` are those that values of the network may go through; others are refused by name. */
export async function readGraph(bytes: Uint8Array, folder: string | undefined, where: string, operators: ReadonlySet<string>): Promise<OnnxGraph> {
  const { irVersion, graph, opsetImport } = decodeMessage(bytes, modelSchema, where) as ModelProto;
  if (irVersion === undefined || graph === undefined) throw new ModelFormatError(`[${where}] expected an ONNX model but it has no ${graph === undefined ? 'graph' : 'version'}`);
  const opset = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version;
  if (opset === undefined || opset < opsets.oldest || opset > opsets.newest) {
    throw new ModelFormatError(`[${where}] expected operator set ${opsets.oldest} to ${opsets.newest} but the model uses ${opset ?? 'none'}`);
  }
  if (graph.sparseInitializer.length > 0) throw new ModelFormatError(`[${where}] sparse tensors are not supported`);
  const constants = new Map<string, Constant>();
  for (const tensor of graph.initializer) {
    if (constants.has(tensor.name ?? '')) throw new ModelFormatError(`[${where}] expected every tensor once but ${quote(tensor.name ?? '')} is there twice`);
    constants.set(tensor.name ?? '', await readTensor(tensor, folder, where));
  }
  const budget = new Budget(where, [...constants.values()].reduce((sum, { data }) => sum + data.length, 0));
  const reading = new Reading(where, constants, graph, budget);
  for (const [i, proto] of graph.node.entries()) await reading.node(nodeOf(proto, i, where), folder, operators);
  return { where, constants, budget, ...reading.result() };
}

function portOf({ name = '', type }: ValueInfoProto, where: string): Port {
  const tensor = type?.tensorType, what = `[${where}] input ${quote(name)}`, dim = tensor?.shape?.dim;
  if (![elementTypes.float, elementTypes.double, elementTypes.float16].includes(tensor?.elemType as never)) throw new ModelFormatError(`${what}: expected numbers of type float but it has type ${elementTypeName(tensor?.elemType)}`);
  const dims = dim?.slice(1).map(({ dimValue }) => dimValue ?? 0);
  if (dim === undefined || dims === undefined || dims.length === 0 || !dims.every((dimension) => dimension > 0) || !(countOf(dims) <= mostFeatures)) {
    throw new ModelFormatError(`${what}: expected a shape of rows and a known number of features`);
  }
  return { name, dims, rows: dim[0]!.dimValue };
}

class Reading {
  private readonly where: string;
  private readonly constants: Map<string, Constant>;
  private readonly graph: GraphProto;
  private readonly budget: Budget;
  private readonly inputs: readonly Port[];
  private readonly makers = new Map<string, OnnxNode>();
  private readonly readers = new Map<string, OnnxNode[]>();

  constructor(where: string, constants: Map<string, Constant>, graph: GraphProto, budget: Budget) {
    this.where = where;
    this.constants = constants;
    this.graph = graph;
    this.budget = budget;
    // Older files list initializers among the inputs.
    this.inputs = graph.input.filter(({ name = '' }) => !constants.has(name)).map((input) => portOf(input, where));
    for (const { name } of this.inputs) {
      if (this.readers.has(name)) throw new ModelFormatError(`[${where}] expected every input once but ${quote(name)} is there twice`);
      this.readers.set(name, []);
    }
  }

  async node(node: OnnxNode, folder: string | undefined, operators: ReadonlySet<string>): Promise<void> {
    if (!operators.has(node.op) && !Object.hasOwn(folds, node.op) && !['Constant', 'Shape'].includes(node.op)) throw fail(node, 'the operator is not supported');
    checkArity(node);
    for (const name of node.inputs) if (name !== '' && !this.isKnown(name)) throw fail(node, `its input ${quote(name)} is made by no node before it`);
    for (const name of node.outputs) if (name !== '' && this.isKnown(name)) throw fail(node, `its output ${quote(name)} is there already`);
    const found = await this.constant(node, folder);
    if (found !== undefined) {
      this.constants.set(node.outputs[0]!, found);
      return;
    }
    if (!operators.has(node.op)) throw fail(node, 'the operator is only supported on constants');
    for (const name of new Set(node.inputs)) this.readers.get(name)?.push(node);
    for (const name of node.outputs) {
      if (name === '') continue;
      this.makers.set(name, node);
      this.readers.set(name, []);
    }
  }

  private isKnown(name: string): boolean {
    return this.constants.has(name) || this.readers.has(name);
  }

  /** The value of a node that follows from constants alone. */
  private async constant(node: OnnxNode, folder: string | undefined): Promise<Constant | undefined> {
    if (node.op === 'Constant') return this.ownConstant(node, folder);
    if (node.op === 'Shape') return this.shapeOf(node);
    const given = node.inputs.map((name) => this.constants.get(name)), fold = folds[node.op];
    if (fold === undefined || given.length === 0 || given[0] === undefined || node.inputs.some((name, i) => name !== '' && given[i] === undefined)) return undefined;
    return fold(node, given as Constant[], this.budget);
  }

  private async ownConstant(node: OnnxNode, folder: string | undefined): Promise<Constant> {
    const tensor = node.attributes.get('value')?.t;
    if (tensor !== undefined) {
      const found = await readTensor(tensor, folder, this.where);
      this.budget.add(found.data.length);
      return found;
    }
    const numbers = ['value_float', 'value_int'].find((name) => node.attributes.has(name)), list = ['value_floats', 'value_ints'].find((name) => node.attributes.has(name));
    if (numbers !== undefined) return { shape: [], data: Float64Array.of(attributeNumber(node, numbers, 0)) };
    const values = list === undefined ? undefined : attributeNumbers(node, list);
    if (values === undefined) throw fail(node, 'its value is neither a tensor of numbers nor numbers');
    return { shape: [values.length], data: Float64Array.from(values) };
  }

  /** The dimensions of a value: those of an example are only known of inputs, and the rows are open. */
  private shapeOf(node: OnnxNode): Constant {
    const port = this.inputs.find(({ name }) => name === node.inputs[0]), given = this.constants.get(node.inputs[0] ?? '');
    const data = Float64Array.from(given?.shape ?? (port === undefined ? [-1, NaN, NaN, NaN] : [-1, ...port.dims]));
    return { shape: [data.length], data };
  }

  result(): Pick<OnnxGraph, 'inputs' | 'outputs' | 'makers' | 'readers'> {
    const outputs = this.graph.output.map(({ name = '' }) => name);
    if (this.inputs.length === 0 || outputs.length === 0) throw new ModelFormatError(`[${this.where}] expected a graph with inputs and outputs`);
    for (const name of outputs) if (!this.readers.has(name)) throw new ModelFormatError(`[${this.where}] output ${quote(name)}: no node makes it of the inputs`);
    return { inputs: this.inputs, outputs, makers: this.makers, readers: this.readers };
  }
}
