// A graph as a function to minimize: loss and gradients of the full batch, over all parameters as one vector.
import { compileProgram, layoutState, stateNodes } from '../compile/compile.ts';
import type { Program, Source } from '../compile/program.ts';
import { BusyError, OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf, formatShape, hasRows } from '../graph/shape.ts';
import type { Evaluation, Objective } from '../minimize/objective.ts';
import { checkOptions, oneOf, positiveInteger } from '../options.ts';
import { gradients } from '../ops/gradients.ts';
import { variableOps, type Values } from '../ops/variables.ts';
import type { Executable, Memory, SourceBinding } from './backend.ts';
import type { Tensor } from './compiled.ts';
import { checkNames, readFeeds, scalarSource } from './feeds.ts';
import { backendChoices, precisions, roundingOf, selectBackend, type BackendChoice, type Precision } from './select.ts';

/** Options of `graphObjective`. */
export interface GraphObjectiveOptions {
  /** Values by name of the graph's inputs and hyper nodes, read once: the full batch, rows in front. */
  readonly inputs?: Readonly<Record<string, Values>>;
  readonly backend?: BackendChoice;
  /** Default `'float64'`; `'float32'` where the backend is `'native'`. */
  readonly precision?: Precision;
  /** Threads of the native backend (default: what the machine allows). */
  readonly threads?: number;
}

const optionNames = ['inputs', 'backend', 'precision', 'threads'] as const;

/** A parameter's place among the variables, and in the memory of the program. */
interface Part {
  readonly node: Node;
  readonly count: number;
  readonly at: number;
  readonly offset: number;
  readonly gradient: Memory;
}

/** The inputs and hyper nodes that `loss` reads, as they are fed. */
function sourcesOf(loss: Node): Source[] {
  return ancestors([loss]).flatMap(({ op, name, shape }): Source[] => {
    if (op === variableOps.hyper) return [scalarSource(name)];
    return op === variableOps.input ? [{ name, width: countOf(shape), rows: hasRows(shape), shape }] : [];
  });
}

function checkGraph(loss: Node, parameters: readonly Node[]): void {
  if (hasRows(loss.shape) || countOf(loss.shape) !== 1) throw new ShapeError(`[graphObjective] expected 'loss' to be a scalar but received shape ${formatShape(loss.shape)}`);
  if (parameters.length === 0) throw new OptionError('[graphObjective] expected at least one parameter');
  checkNames('graphObjective', 'parameter', parameters);
  const read = new Set(ancestors([loss]));
  for (const node of parameters) {
    if (node.op !== variableOps.parameter) throw new OptionError(`[graphObjective] expected parameters made by 'parameter' but received ${node.op.name}`);
    if (!read.has(node)) throw new OptionError(`[graphObjective] expected 'loss' to depend on '${node.name}' but it does not`);
  }
}

/** The loss of a graph as a function of its parameters, one after the other in one vector. */
export class GraphObjective implements Objective {
  readonly size: number;
  readonly precision: number;
  readonly program: Program;
  readonly backend: 'native' | 'typescript';
  private readonly parts: readonly Part[];
  private readonly executable: Executable;
  private readonly state: Memory;
  private readonly loss: Memory;
  private readonly gradient: Float64Array;
  private running = false;

  constructor(loss: Node, parameters: readonly Node[], options: GraphObjectiveOptions = {}) {
    checkOptions('graphObjective', options, optionNames);
    if (options.backend !== undefined) oneOf('graphObjective', 'backend', options.backend, backendChoices);
    if (options.precision !== undefined) oneOf('graphObjective', 'precision', options.precision, precisions);
    if (options.threads !== undefined) positiveInteger('graphObjective', 'threads', options.threads);
    checkGraph(loss, parameters);
    const backend = selectBackend(options.backend, options.precision ?? (options.backend === 'native' ? 'float32' : 'float64'));
    const allocate = (length: number): Memory => backend.allocate(length);
    const expected = sourcesOf(loss);
    checkNames('graphObjective', 'input', expected);
    const fed = readFeeds('graphObjective', expected, options.inputs ?? {}, allocate);
    const rows = fed.rows || 1, values = new Map(expected.map(({ name }, i) => [name, fed.values[i]!]));

    const outputs = Object.fromEntries([loss, ...gradients(loss, parameters)].map((node, i) => [`${i}`, node]));
    const layout = layoutState(stateNodes(Object.values(outputs)));
    this.program = compileProgram({ outputs, maxRows: rows, state: layout, bfloat16: backend.precision === 'bfloat16' });
    const { sources, hypers, sinks, scratchLength } = this.program;
    this.backend = backend.name;
    this.precision = roundingOf(backend.precision);
    this.state = allocate(layout.length);
    for (const node of layout.nodes) if (node.data !== undefined) this.state.set(node.data, layout.offsetOf(node)!);

    const results = sinks.map(({ count }) => allocate(count));
    this.loss = results[0]!;
    let size = 0;
    this.parts = parameters.map((node, i) => {
      const count = countOf(node.shape), at = size;
      size += count;
      return { node, count, at, offset: layout.offsetOf(node)!, gradient: results[i + 1]! };
    });
    this.size = size;
    this.gradient = new Float64Array(size);
    const hyper = allocate(hypers.length);
    hypers.forEach((name, i) => hyper.set(values.get(name)!, i));
    this.executable = backend.load(this.program, { threads: options.threads });
    this.executable.bind({
      state: this.state, scratch: allocate(scratchLength), sinks: results, order: null, batches: Int32Array.of(0, rows), hyper,
      sources: sources.map(({ name, width }): SourceBinding => ({ array: values.get(name)!, width, scale: 1, shift: 0 })),
    });
  }

  /** The parameters' initial values. */
  get start(): Float64Array {
    const start = new Float64Array(this.size);
    for (const { node, at } of this.parts) if (node.data !== undefined) start.set(node.data, at);
    return start;
  }

  /**
   * Loss and gradient at `x` (rounded to the backend's precision), computed off the event loop; random nodes draw the same numbers
   * every time. The gradient's memory is used again by the next evaluation.
   * @throws {ShapeError} Where `x` is not of the objective's size, {BusyError} during another evaluation.
   */
  async evaluate(x: Float64Array): Promise<Evaluation> {
    this.checkSize('evaluate', x);
    if (this.running) throw new BusyError('[evaluate] another evaluation is in flight');
    this.running = true;
    try {
      for (const { at, count, offset } of this.parts) this.state.set(x.subarray(at, at + count), offset);
      await this.executable.runAsync(0, 1, 0);
      for (const { at, gradient } of this.parts) this.gradient.set(gradient, at);
      return { value: this.loss[0]!, gradient: this.gradient };
    } finally {
      this.running = false;
    }
  }

  /** The parts of `x` as the parameters they stand for, by name: row-major copies. */
  tensors(x: Float64Array): Record<string, Tensor> {
    this.checkSize('tensors', x);
    return Object.fromEntries(this.parts.map(({ node, at, count }) => [node.name, { shape: node.shape as number[], data: x.slice(at, at + count) }]));
  }

  /** Frees the program's memory; later evaluations throw `ERR_DISPOSED`. */
  dispose(): void {
    this.executable.dispose();
  }

  private checkSize(where: string, x: Float64Array): void {
    if (x.length !== this.size) throw new ShapeError(`[${where}] expected 'x' to have ${this.size} numbers but received ${x.length}`);
  }
}
