// An ONNX graph while it is written: nodes in order, initializers, and names that are there once.
import { attributeTypes, type AttributeProto, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../io/onnx/schema.ts';
import { elementTypes, floatTensor, integerTensor } from '../../io/onnx/tensor.ts';

/** Whole numbers are `int` or `ints`; `{ float }` makes a number a `float` whatever its value. */
export type AttributeValue = number | readonly number[] | { readonly float: number };

const noLists = { floats: [], ints: [], strings: [] };

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { ...noLists, name, i: value, type: attributeTypes.int };
  if ('float' in value) return { ...noLists, name, f: value.float, type: attributeTypes.float };
  return { ...noLists, name, ints: value, type: attributeTypes.ints };
}

/** A value of [rows, features] and single precision. */
function valueInfo(name: string, features: number): ValueInfoProto {
  return { name, type: { tensorType: { elemType: elementTypes.float, shape: { dim: [{ dimParam: 'rows' }, { dimValue: features }] } } } };
}

interface Port { readonly name: string; readonly features: number }

export class GraphWriter {
  /** Version of the operator set. */
  readonly opset: number;
  /** An input, whose shape tells the number of rows. */
  readonly firstInput: string;
  /** The layer at work: begins the names of nodes and values. */
  path = '';
  private readonly nodes: NodeProto[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly taken = new Set<string>();
  private readonly shared = new Map<string, string>();

  constructor(opset: number, firstInput: string, reserved: readonly string[]) {
    this.opset = opset;
    this.firstInput = firstInput;
    for (const name of reserved) this.taken.add(name);
  }

  private unique(name: string): string {
    let found = name;
    for (let i = 2; this.taken.has(found); i++) found = `${name}_${i}`;
    this.taken.add(found);
    return found;
  }

  /** Adds a node with one output, and gives the output's name. */
  node(opType: string, input: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const name = this.unique(this.path === '' ? opType : `${this.path}/${opType}`);
    this.nodes.push({ input, output: [name], name, opType, attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)) });
    return name;
  }

  /** Adds a tensor of single precision, and gives its name, which is `wanted` where it is free. */
  tensor(wanted: string, shape: readonly number[], values: ArrayLike<number>): string {
    const name = this.unique(wanted);
    this.initializers.push(floatTensor(name, shape, values));
    return name;
  }

  /** A number; equal ones are one tensor. */
  scalar(value: number): string {
    return this.share(`number_${value}`, (name) => floatTensor(name, [], [value]));
  }

  /** A list of whole numbers, or one of them as a scalar; equal ones are one tensor. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.share(`integers_${shape.length === 0 ? 'scalar_' : ''}${values.join('_')}`, (name) => integerTensor(name, values, shape));
  }

  private share(key: string, make: (name: string) => TensorProto): string {
    let name = this.shared.get(key);
    if (name === undefined) {
      name = this.unique(key);
      this.shared.set(key, name);
      this.initializers.push(make(name));
    }
    return name;
  }

  /** The graph. `outputs` name the values that they are, which are renamed; a value that is an output twice, or not a node's, is copied. */
  graph(name: string, inputs: readonly Port[], outputs: readonly (Port & { readonly value: string })[]): GraphProto {
    const renamed = new Map<string, string>(), made = new Set(this.nodes.flatMap(({ output }) => output));
    for (const { name: wanted, value } of outputs) {
      if (made.has(value) && !renamed.has(value)) renamed.set(value, wanted);
      else this.nodes.push({ input: [value], output: [wanted], name: this.unique('Identity'), opType: 'Identity', attribute: [] });
    }
    const now = (value: string): string => renamed.get(value) ?? value;
    return {
      node: this.nodes.map((node) => ({ ...node, input: node.input.map(now), output: node.output.map(now) })), name, initializer: this.initializers,
      input: inputs.map((port) => valueInfo(port.name, port.features)), output: outputs.map((port) => valueInfo(port.name, port.features)), sparseInitializer: [],
    };
  }
}
