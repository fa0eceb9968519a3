// A compiled graph for direct use: feed arrays, get arrays.
import { compileProgram, layoutState, stateNodes } from '../compile/compile.ts';
import { printProgram } from '../compile/print.ts';
import type { Program } from '../compile/program.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf } from '../graph/shape.ts';
import { checkOptions } from '../options.ts';
import type { Values } from '../ops/variables.ts';
import type { Executable, Memory, SourceBinding } from './backend.ts';
import { selectBackend, type BackendChoice, type Precision } from './select.ts';

/** A tensor handed out: row-major data with its shape. */
export interface Tensor { readonly shape: readonly number[]; readonly data: Memory }

export interface GraphRequest {
  /** Results by name. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** Assignments to parameters and state tensors, made by `assign`. */
  readonly assignments?: readonly Node[];
  /** Nodes to feed instead of computing them, by name; the graph's inputs are fed anyway. */
  readonly feeds?: Readonly<Record<string, Node>>;
}

export interface GraphOptions {
  readonly backend?: BackendChoice;
  readonly precision?: Precision;
  /** Largest number of rows of a run (default 1024). */
  readonly maxRows?: number;
  /** Threads of the native backend (default: what the machine allows). */
  readonly threads?: number;
}

export const graphOptionNames = ['backend', 'precision', 'maxRows', 'threads'] as const;

/** Flattens nested arrays or typed arrays row by row; every level must be even. */
function readValues(name: string, values: Values, precision: Precision): { data: Memory; shape: number[] } {
  const shape: number[] = [];
  for (let level: Values | undefined = values; typeof level === 'object' && level !== null; level = level[0] as Values | undefined) shape.push(level.length);
  const length = shape.reduce((a, b) => a * b, 1);
  const data = precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
  let at = 0;
  const visit = (part: Values, depth: number): void => {
    if (typeof part === 'number') {
      data[at++] = part;
      return;
    }
    if (part.length !== shape[depth]) throw new ShapeError(`[run] expected every part of '${name}' to have ${shape[depth]} entries but one has ${part.length}`);
    for (let i = 0; i < part.length; i++) visit(part[i] as Values, depth + 1);
  };
  visit(values, 0);
  return { data, shape };
}

/** A program with memory of its own. Not for concurrent runs. */
export class CompiledGraph {
  readonly program: Program;
  readonly backend: 'native' | 'typescript';
  private readonly executable: Executable;
  private readonly state: Memory;
  private readonly scratch: Memory;
  private readonly precision: Precision;
  private readonly offsets: Map<string, { offset: number; node: Node }>;
  private readonly allocate: (length: number) => Memory;
  private steps = 0;

  constructor(request: GraphRequest, options: GraphOptions = {}) {
    checkOptions('compile', options, graphOptionNames);
    const backend = selectBackend(options.backend, options.precision);
    const feeds = new Set(Object.values(request.feeds ?? {}));
    const layout = layoutState(stateNodes([...Object.values(request.outputs ?? {}), ...(request.assignments ?? [])], feeds));
    this.program = compileProgram({ ...request, maxRows: options.maxRows ?? 1024, state: layout });
    this.backend = backend.name;
    this.precision = backend.precision;
    this.allocate = (length) => backend.allocate(length);
    this.state = backend.allocate(layout.length);
    this.scratch = backend.allocate(this.program.scratchLength);
    this.offsets = new Map(layout.nodes.map((node) => [node.name, { offset: layout.offsetOf(node)!, node }]));
    for (const { offset, node } of this.offsets.values()) if (node.data !== undefined) this.state.set(node.data, offset);
    this.executable = backend.load(this.program, { threads: options.threads });
  }

  /** Runs once. `inputs`: values by name, nested or typed arrays with rows in front. Returns the outputs by name. */
  run(inputs: Readonly<Record<string, Values>> = {}): Record<string, Tensor> {
    const { program } = this;
    checkOptions('run', inputs, program.sources.map((source) => source.name));
    let rows = 0;
    const sources: SourceBinding[] = program.sources.map((source) => {
      const values = inputs[source.name];
      if (values === undefined) throw new OptionError(`[run] expected a value for '${source.name}'`);
      const { data, shape } = readValues(source.name, values, this.precision);
      const count = data.length / source.width;
      const isFlat = shape.length === 1;
      const fits = source.rows ? count >= 1 && Number.isInteger(count) && (isFlat || shape[0] === count) : count === 1;
      if (!fits) throw new ShapeError(`[run] expected ${source.width} numbers ${source.rows ? 'per row ' : ''}for '${source.name}' but received shape [${shape.join(', ')}]`);
      if (source.rows && rows !== 0 && rows !== count) throw new ShapeError(`[run] expected ${rows} rows for '${source.name}' as for the inputs before it but received ${count}`);
      if (source.rows) rows = count;
      return { array: data, width: source.width, scale: 1, shift: 0 };
    });
    if (rows > program.maxRows) throw new DataError(`[run] expected at most ${program.maxRows} rows (maxRows) but received ${rows}`);
    rows ||= 1;
    const sinks = program.sinks.map((sink) => this.allocate(sink.rows ? rows * sink.count : sink.count));
    this.executable.bind({
      state: this.state, scratch: this.scratch, sources, sinks, order: null,
      batches: Int32Array.of(0, rows), hyper: this.allocate(program.hypers.length),
    });
    this.executable.run(0, 1, this.steps++);
    return Object.fromEntries(program.sinks.map((sink, i) => [sink.name, { shape: sink.shape.map((dimension) => (dimension === 'rows' ? rows : dimension)), data: sinks[i]! }]));
  }

  /** Current values of a parameter or state tensor. */
  get(name: string): Tensor {
    const { offset, node } = this.find(name);
    return { shape: node.shape as number[], data: this.state.slice(offset, offset + countOf(node.shape)) };
  }

  /** Sets a parameter or state tensor. */
  set(name: string, values: Values): void {
    const { offset, node } = this.find(name);
    const { data } = readValues(name, values, this.precision);
    if (data.length !== countOf(node.shape)) throw new ShapeError(`[set] expected ${countOf(node.shape)} values for '${name}' but received ${data.length}`);
    this.state.set(data, offset);
  }

  /** Frees the program's memory; later calls throw `ERR_DISPOSED`. */
  dispose(): void {
    this.executable.dispose();
  }

  /** The program as text, one instruction a line. */
  toString(): string {
    return printProgram(this.program);
  }

  private find(name: string): { offset: number; node: Node } {
    const found = this.offsets.get(name);
    if (found === undefined) throw new OptionError(`[get] no parameter or state tensor is named '${name}'; there are ${[...this.offsets.keys()].join(', ')}`);
    return found;
  }
}
