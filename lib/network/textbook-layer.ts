// A layer with the textbook's interface: forward, backward, update, from the network's graph compiled a layer at a time.
import type { Memory } from '../backend/backend.ts';
import type { MatrixLike } from '../data/columns.ts';
import { DenselyError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf } from '../graph/shape.ts';
import { checkOptions, finiteNumber } from '../options.ts';
import { assign } from '../ops/assign.ts';
import { add, divide, maximum, multiply, scale } from '../ops/elementwise.ts';
import { gradients } from '../ops/gradients.ts';
import { mean, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { constant, hyper, input, inverseRows, rowCount } from '../ops/variables.ts';
import { checkTargets } from '../train/targets.ts';
import { arranged, checkArrangement, rowsOf, type Arrangement, type ArrangementOptions, type Table } from './arrangement.ts';
import { DirectProgram } from './direct.ts';
import type { PlacedLayer } from './model.ts';
import { tiny, type OutputGoal } from './objective.ts';
import type { Store } from './store.ts';

/** What `forward` keeps for `backward`, as tables of one row per example. */
export interface LayerCache {
  /** The (first) input. */
  readonly x: Table;
  /** All inputs. */
  readonly inputs: readonly Table[];
  /** Before the activation. */
  readonly z: Table;
  /** After the activation. */
  readonly a: Table;
}

/**
 * What `backward` gives: `dA`, the gradient of the (first) input, and `dZ`, the textbook's δ, per example; `dW` and `db` averaged
 * over the examples.
 */
export interface LayerGradients {
  readonly dA: Table;
  /** Gradients of all inputs. */
  readonly dInputs: readonly Table[];
  readonly dZ: Table;
  readonly dW?: Table;
  readonly db?: Table;
}

const gradientNames: Readonly<Record<string, string>> = { weight: 'dW', bias: 'db' };

function gradientName(parameter: string): string {
  const name = parameter.slice(parameter.indexOf('.') + 1);
  return gradientNames[name] ?? `d${name}`;
}

/** Values of the forward graph that a gradient reads: what has to be kept between forward and backward. */
function frontier(parts: readonly Node[], { z, a, inputs }: PlacedLayer): Node[] {
  const forward = new Set(ancestors([z, a], new Set(inputs)));
  const kept = new Set<Node>();
  for (const node of ancestors(parts, forward)) {
    if (forward.has(node) && (node.op.lowering.kind !== 'variable' || inputs.includes(node))) kept.add(node);
  }
  return [...kept];
}

/** Losses of the examples whose plain mean is the loss's own: Σ L / Σ w where examples weigh by their targets. */
function weighted({ type, targets, loss }: OutputGoal, perExample: Node): Node {
  const weights = type.weights?.(targets, loss.options);
  return weights === undefined ? perExample : multiply(perExample, divide(rowCount(), maximum(reshape(sum(weights), []), constant(tiny))));
}

interface Remembered {
  readonly cache: LayerCache;
  readonly values: Readonly<Record<string, Memory>>;
  readonly rows: number;
  readonly arrangement: Arrangement;
}

/** A layer of a network. Its weights are the network's. */
export class TextbookLayer {
  /** Name in the network, such as `dense1`. */
  readonly name: string;
  readonly type: string;
  /** @internal */
  readonly placed: PlacedLayer;
  private readonly store: Store;
  /** Inputs, each node once. */
  private readonly sources: readonly Node[];
  private forwardProgram: { program: DirectProgram; kept: readonly Node[] } | undefined;
  private readonly backwardPrograms = new Map<string, DirectProgram>();
  private updateProgram: DirectProgram | undefined;
  private memory: Remembered | undefined;
  private last: LayerGradients | undefined;
  private runs = 0;

  /** @internal Layers are made by their network. */
  constructor(store: Store, placed: PlacedLayer) {
    this.store = store;
    this.placed = placed;
    this.sources = [...new Set(placed.inputs)];
    this.name = placed.name;
    this.type = placed.layer.type;
  }

  /** What the last `forward` kept. */
  get cache(): LayerCache {
    return this.remembered().cache;
  }

  /** What the last `backward` found. */
  get gradients(): LayerGradients {
    if (this.last === undefined) throw new DenselyError('ERR_STATE', `[${this.name}] gradients need a backward first`);
    return this.last;
  }

  /** `Z = A Wᵀ + b`, `A = g(Z)`; keeps the inputs, `Z` and `A`. */
  forward(A: MatrixLike | Table | readonly (MatrixLike | Table)[], options: ArrangementOptions = {}): Table {
    this.checkFree('forward');
    checkOptions('forward', options, ['arrangement']);
    const where = `${this.name}.forward`, arrangement = checkArrangement(where, options.arrangement), count = this.placed.inputs.length;
    const given = count === 1 ? [A as MatrixLike | Table] : (A as readonly (MatrixLike | Table)[]);
    if (given.length !== count) throw new ShapeError(`[${where}] expected ${count} inputs but received ${given.length}`);
    const tables = this.placed.inputs.map((node, i) => rowsOf(given[i]!, countOf(node.shape), arrangement, this.store.backend.precision, where));
    const { rows } = tables[0]!;
    for (const table of tables) if (table.rows !== rows) throw new ShapeError(`[${where}] expected ${rows} rows as in the first input but received ${table.rows}`);
    this.forwardProgram ??= this.compileForward();
    const feeds = Object.fromEntries(this.sources.map((node, i) => [`x${i}`, tables[this.placed.inputs.indexOf(node)]!.data]));
    const values = this.forwardProgram.program.run(rows, feeds, { counter: this.runs++ });
    const kept: Record<string, Memory> = {};
    this.forwardProgram.kept.forEach((node, i) => {
      const source = this.sources.indexOf(node);
      kept[`kept${i}`] = source >= 0 ? feeds[`x${source}`]! : values[`kept${i}`]!.data;
    });
    const inputs = tables.map(({ data }, i) => arranged({ shape: [rows, countOf(this.placed.inputs[i]!.shape)], data }, arrangement));
    const cache: LayerCache = { x: inputs[0]!, inputs, z: arranged(values['z']!, arrangement), a: arranged(values['a']!, arrangement) };
    this.memory = { rows, values: kept, arrangement, cache };
    this.last = undefined;
    return cache.a;
  }

  /**
   * `dZ = dA ⊙ g'(Z)`, `dW = (1/m) dZᵀ A`, `db = (1/m) dZᵀ 1`, and `dA = dZ W` for the layer before, from the gradient of
   * each example's loss with respect to this layer's output.
   */
  backward(dA: MatrixLike | Table): LayerGradients {
    this.checkFree('backward');
    const { rows, values, arrangement } = this.remembered();
    const upstream = rowsOf(dA, countOf(this.placed.a.shape), arrangement, this.store.backend.precision, `${this.name}.backward`);
    if (upstream.rows !== rows) throw new ShapeError(`[${this.name}.backward] expected ${rows} rows, as in forward, but received ${upstream.rows}`);
    return this.keepGradients(this.backwardProgram('').run(rows, { ...values, dA: upstream.data }), arrangement);
  }

  /** `W ← W − ε dW` and `b ← b − ε db`, from the last `backward`. */
  update(learningRate: number): void {
    this.checkFree('update');
    finiteNumber('update', 'learningRate', learningRate);
    const found = this.gradients as unknown as Record<string, Table>;
    if (this.placed.parameters.length === 0) return;
    const rate = hyper('rate');
    this.updateProgram ??= new DirectProgram(this.store, {
      assignments: this.placed.parameters.map(({ name, node, request }) => {
        const updated = add(multiply(rate, input(gradientName(name), node.shape)), node);
        return assign(node, request.constraint === undefined ? updated : request.constraint(updated));
      }),
    });
    const feeds = Object.fromEntries(this.placed.parameters.map(({ name }) => [gradientName(name), found[gradientName(name)]!.data]));
    this.updateProgram.run(1, feeds, { hypers: { rate: -learningRate } });
  }

  /**
   * @internal Gradients from a loss at this layer's output, and from `dA` where other layers read it too: cross-entropies are
   * differentiated together with their activation. Returns the mean loss.
   */
  backwardFromLoss(targets: Memory, goal: OutputGoal, dA: Table | undefined): number {
    const { rows, values, arrangement } = this.remembered(), width = goal.targetKind.width;
    checkTargets('backward', { data: targets as Float32Array, width, scale: 1, shift: 0 }, null, goal.targetKind);
    const key = `${JSON.stringify(goal.loss)} ${width} ${goal.weight} ${dA !== undefined}`;
    const program = this.backwardProgram(key, goal, dA !== undefined);
    const results = program.run(rows, { ...values, targets, ...(dA && { dA: dA.data }) });
    this.keepGradients(results, arrangement);
    return results['loss']!.data[0]!;
  }

  /** @internal Gradients of the distinct inputs, as rows, by the number of the value read. */
  inputGradients(): [value: number, gradient: Table][] {
    const { rows, arrangement } = this.remembered();
    return this.sources.map((node) => {
      const position = this.placed.inputs.indexOf(node), width = countOf(node.shape);
      const { data } = rowsOf(this.gradients.dInputs[position]!, width, arrangement, this.store.backend.precision, 'backward');
      return [this.placed.reads[position]!, { shape: [rows, width], data }];
    });
  }

  /** @internal How the last `forward` was arranged. */
  get arrangement(): Arrangement {
    return this.remembered().arrangement;
  }

  private keepGradients(results: Record<string, Table>, arrangement: Arrangement): LayerGradients {
    const dInputs = this.placed.inputs.map((node) => arranged(results[`dx${this.sources.indexOf(node)}`]!, arrangement));
    const own = Object.fromEntries(this.placed.parameters.map(({ name }) => [gradientName(name), results[gradientName(name)]!]));
    this.last = { dA: dInputs[0]!, dInputs, dZ: arranged(results['dZ']!, arrangement), ...own };
    return this.last;
  }

  /** Forward must keep whatever any backward may read: inputs, `z`, `a` and the frontier of the gradient. */
  private compileForward(): { program: DirectProgram; kept: readonly Node[] } {
    const kept = this.keptNodes();
    const outputs = Object.fromEntries(kept.flatMap((node, i) => (this.sources.includes(node) ? [] : [[`kept${i}`, node]])));
    const feeds = Object.fromEntries(this.sources.map((node, i) => [`x${i}`, node]));
    return { kept, program: new DirectProgram(this.store, { outputs: { z: this.placed.z, a: this.placed.a, ...outputs }, feeds, assignments: this.placed.updates }) };
  }

  private keptNodes(): readonly Node[] {
    const { z, a, parameters } = this.placed;
    const parts = gradients(a, [...this.sources, ...parameters.map(({ node }) => node)], input('dA', a.shape), new Set(this.sources));
    return [...new Set([...frontier(parts, this.placed), ...this.sources, z, a])];
  }

  /** The program for gradients over the kept values: of an upstream gradient, or of a goal's loss. */
  private backwardProgram(key: string, goal?: OutputGoal, upstream = true): DirectProgram {
    let program = this.backwardPrograms.get(key);
    if (program === undefined) {
      program = this.compileBackward(goal, upstream);
      this.backwardPrograms.set(key, program);
    }
    return program;
  }

  private compileBackward(goal: OutputGoal | undefined, upstream: boolean): DirectProgram {
    const { z, a, parameters } = this.placed;
    const targets = [...this.sources, z, ...parameters.map(({ node }) => node)];
    const outputs: Record<string, Node> = {}, given = new Set(this.sources);
    const feeds = Object.fromEntries(this.keptNodes().map((node, i) => [`kept${i}`, node]));
    let parts: Node[];
    if (goal === undefined) {
      parts = gradients(a, targets, input('dA', a.shape), given);
    } else {
      const perExample = weighted(goal, goal.type.build(a, goal.targets, goal.loss.options));
      const loss = scale(sum(perExample), goal.weight);
      outputs['loss'] = reshape(mean(perExample), []);
      feeds['targets'] = goal.targets;
      parts = gradients(upstream ? add(loss, sum(multiply(a, input('dA', a.shape)))) : loss, targets, undefined, given);
    }
    this.sources.forEach((_, i) => { outputs[`dx${i}`] = parts[i]!; });
    outputs['dZ'] = parts[this.sources.length]!;
    parameters.forEach(({ name }, i) => { outputs[gradientName(name)] = multiply(parts[this.sources.length + 1 + i]!, inverseRows()); });
    return new DirectProgram(this.store, { outputs, feeds });
  }

  private remembered(): Remembered {
    if (this.memory === undefined) throw new DenselyError('ERR_STATE', `[${this.name}] the cache needs a forward first`);
    return this.memory;
  }

  private checkFree(where: string): void {
    this.store.checkOwner(where);
    this.store.gate.checkFree(where);
  }
}
