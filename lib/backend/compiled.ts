// A compiled graph for direct use: feed arrays, get arrays.
import { compileProgram, layoutState, stateNodes } from '../compile/compile.ts';
import { printProgram } from '../compile/print.ts';
import type { Program, Source } from '../compile/program.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf, formatShape } from '../graph/shape.ts';
import { checkOptions, nonNegativeInteger, oneOf, positiveInteger } from '../options.ts';
import { flattenValues, type Values } from '../ops/variables.ts';
import type { Executable, Memory, SourceBinding } from './backend.ts';
import { checkNames, fits, readFeeds, scalarSource } from './feeds.ts';
import { backendChoices, precisions, selectBackend, type BackendChoice, type Precision } from './select.ts';

/** A tensor handed out: row-major data with its shape. */
export interface Tensor { readonly shape: readonly number[]; readonly data: Memory }

/** What a graph is compiled for. */
export interface GraphRequest {
  /** Results by name. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** Assignments to parameters and state tensors, made by `assign`. */
  readonly assignments?: readonly Node[];
  /** Nodes to feed instead of computing them, by name; the graph's inputs are fed anyway. */
  readonly feeds?: Readonly<Record<string, Node>>;
}

/** How a compiled graph runs. */
export interface GraphOptions {
  readonly backend?: BackendChoice;
  readonly precision?: Precision;
  /** Largest number of rows of a run (default 1024). */
  readonly maxRows?: number;
  /** Threads of the native backend (default: what the machine allows). */
  readonly threads?: number;
}

export const graphOptionNames = ['backend', 'precision', 'maxRows', 'threads'] as const;

const requestNames = ['outputs', 'assignments', 'feeds'] as const;

/** A program with memory of its own. Not for concurrent runs. */
export class CompiledGraph {
  readonly program: Program;
  readonly backend: 'native' | 'typescript';
  private readonly executable: Executable;
  private readonly state: Memory;
  private readonly scratch: Memory;
  /** What `run` is given, by name: the program's sources, then its hyper-parameters. */
  private readonly inputs: readonly Source[];
  private readonly offsets: Map<string, { offset: number; node: Node }>;
  private readonly allocate: (length: number) => Memory;
  private steps = 0;
  /** Whether the state is as the last run left it, by a program that writes none of it. */
  private unchanged = false;
  private readonly assigns: boolean;

  constructor(request: GraphRequest, options: GraphOptions = {}) {
    checkOptions('compile', request, requestNames, 'part');
    checkOptions('compile', options, graphOptionNames);
    if (options.backend !== undefined) oneOf('compile', 'backend', options.backend, backendChoices);
    if (options.precision !== undefined) oneOf('compile', 'precision', options.precision, precisions);
    if (options.threads !== undefined) positiveInteger('compile', 'threads', options.threads);
    const maxRows = positiveInteger('compile', 'maxRows', options.maxRows ?? 1024);
    const backend = selectBackend(options.backend, options.precision);
    const feeds = new Set(Object.values(request.feeds ?? {}));
    const layout = layoutState(stateNodes([...Object.values(request.outputs ?? {}), ...(request.assignments ?? [])], feeds));
    this.program = compileProgram({ ...request, maxRows, state: layout, bfloat16: backend.precision === 'bfloat16' });
    const { sources, hypers } = this.program;
    this.inputs = [...sources, ...hypers.map(scalarSource)];
    checkNames('compile', 'input', this.inputs);
    checkNames('compile', 'parameter or state tensor', layout.nodes);
    this.backend = backend.name;
    this.assigns = (request.assignments ?? []).length > 0;
    this.allocate = (length) => backend.allocate(length);
    this.state = backend.allocate(layout.length);
    this.scratch = backend.allocate(this.program.scratchLength);
    this.offsets = new Map(layout.nodes.map((node) => [node.name, { offset: layout.offsetOf(node)!, node }]));
    for (const { offset, node } of this.offsets.values()) if (node.data !== undefined) this.state.set(node.data, offset);
    this.executable = backend.load(this.program, { threads: options.threads });
  }

  /**
   * Runs once. `inputs`: values by name of the graph's inputs, feeds and hyper nodes, as numbers, nested or typed arrays
   * with rows in front. `step`: what random draws go by (default: a new one each run). Returns the outputs by name.
   * @throws {OptionError} On an unknown or a missing name.
   * @throws {ShapeError} On values that do not fit, {DataError} on more rows than `maxRows`.
   */
  run(inputs: Readonly<Record<string, Values>> = {}, options: { readonly step?: number } = {}): Record<string, Tensor> {
    const { program } = this;
    checkOptions('run', options, ['step']);
    if (options.step !== undefined) nonNegativeInteger('run', 'step', options.step);
    const { values, rows: fed } = readFeeds('run', this.inputs, inputs, this.allocate);
    const sources = program.sources.map(({ width }, i): SourceBinding => ({ array: values[i]!, width, scale: 1, shift: 0 }));
    const hyper = this.allocate(program.hypers.length);
    values.slice(sources.length).forEach((value, i) => hyper.set(value, i));
    if (fed > program.maxRows) throw new DataError(`[run] expected at most ${program.maxRows} rows (maxRows) but received ${fed}`);
    const rows = fed || 1;
    const sinks = program.sinks.map((sink) => this.allocate(sink.rows ? rows * sink.count : sink.count));
    this.executable.bind({
      state: this.state, scratch: this.scratch, sources, sinks, order: null,
      batches: Int32Array.of(0, rows), hyper,
    });
    this.executable.run(0, 1, options.step ?? this.steps++, this.unchanged);
    this.unchanged = !this.assigns;
    return Object.fromEntries(program.sinks.map((sink, i) => [sink.name, { shape: sink.shape.map((dimension) => (dimension === 'rows' ? rows : dimension)), data: sinks[i]! }]));
  }

  /** Current values of a parameter or state tensor. */
  get(name: string): Tensor {
    const { offset, node } = this.find('get', name);
    return { shape: node.shape as number[], data: this.state.slice(offset, offset + countOf(node.shape)) };
  }

  /** Sets a parameter or state tensor. */
  set(name: string, values: Values): void {
    const { offset, node } = this.find('set', name);
    const { data, shape } = flattenValues(`[set '${name}']`, values, this.allocate);
    if (!fits(shape, { name, width: countOf(node.shape), rows: false, shape: node.shape })) {
      throw new ShapeError(`[set] expected values of shape ${formatShape(node.shape)} for '${name}' but received ${formatShape(shape)}`);
    }
    this.state.set(data, offset);
    this.unchanged = false;
  }

  /** Frees the program's memory; later calls throw `ERR_DISPOSED`. */
  dispose(): void {
    this.executable.dispose();
  }

  /** The program as text, one instruction a line. */
  toString(): string {
    return printProgram(this.program);
  }

  private find(where: string, name: string): { offset: number; node: Node } {
    return this.offsets.get(oneOf(where, 'name', name, [...this.offsets.keys()]))!;
  }
}
