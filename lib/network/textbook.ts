// The textbook's interface to layers and network: forward, backward, update, from the same graph compiled a layer at a time.
import type { Memory } from '../backend/backend.ts';
import { matrix, type MatrixLike } from '../data/columns.ts';
import { DenselyError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { ancestors } from '../graph/query.ts';
import { countOf } from '../graph/shape.ts';
import { describe, finiteNumber } from '../options.ts';
import { assign } from '../ops/assign.ts';
import { add, multiply } from '../ops/elementwise.ts';
import { gradients } from '../ops/gradients.ts';
import { mean, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';
import { hyper, input, inverseRows } from '../ops/variables.ts';
import type { LossName } from '../train/losses/registry.ts';
import { checkTargets } from '../train/targets.ts';
import { DirectProgram, type Table } from './direct.ts';
import type { Model, PlacedLayer } from './model.ts';
import { settleGoal } from './objective.ts';
import type { Prediction } from './network.ts';
import type { Store } from './store.ts';

/** What `forward` keeps for `backward`, as tables of one row per example. */
export interface LayerCache {
  /** The input. */
  readonly x: Table;
  /** Before the activation. */
  readonly z: Table;
  /** After the activation. */
  readonly a: Table;
}

/** What `backward` gives: `dA`, the gradient of the input, and `dZ` per example; `dW` and `db` averaged over the examples. */
export interface LayerGradients {
  readonly dA: Table;
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
function frontier(parts: readonly Node[], layer: PlacedLayer): Node[] {
  const forward = new Set(ancestors([layer.z, layer.a], new Set([layer.x])));
  const kept = new Set<Node>();
  for (const node of ancestors(parts, forward)) {
    if (forward.has(node)) {
      if (node.op.lowering.kind !== 'variable' || node === layer.x) kept.add(node);
    }
  }
  return [...kept];
}

/** A layer of a network. Its weights are the network's. */
export class TextbookLayer {
  /** Name in the network, such as `dense1`. */
  readonly name: string;
  readonly type: string;
  private readonly store: Store;
  private readonly placed: PlacedLayer;
  private forwardProgram: { program: DirectProgram; kept: readonly Node[] } | undefined;
  private backwardProgram: DirectProgram | undefined;
  /** By loss and width of targets. */
  private readonly lossPrograms = new Map<string, DirectProgram>();
  private updateProgram: DirectProgram | undefined;
  private memory: { cache: LayerCache; values: Record<string, Memory>; rows: number } | undefined;
  private last: LayerGradients | undefined;
  private runs = 0;

  /** @internal Layers are made by their network. */
  constructor(store: Store, placed: PlacedLayer) {
    this.store = store;
    this.placed = placed;
    this.name = placed.name;
    this.type = placed.spec.type;
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

  /** `Z = A Wᵀ + b`, `A = g(Z)`; keeps the input, `Z` and `A`. Rows are examples. */
  forward(A: MatrixLike | Table): Prediction {
    this.checkFree('forward');
    const { rows, data } = this.tableOf(A, countOf(this.placed.x.shape), 'forward');
    this.forwardProgram ??= this.compileForward();
    const values = this.forwardProgram.program.run(rows, { x: data }, { counter: this.runs++ });
    const x: Table = { shape: [rows, countOf(this.placed.x.shape)], data };
    const keptValues: Record<string, Memory> = {};
    this.forwardProgram.kept.forEach((node, i) => { keptValues[`kept${i}`] = node === this.placed.x ? data : values[`kept${i}`]!.data; });
    this.memory = { rows, values: keptValues, cache: { x, z: values['z']!, a: values['a']! } };
    this.last = undefined;
    return values['a'] as Table & Prediction;
  }

  /**
   * `dZ = dA ⊙ g'(Z)`, `dW = (1/m) dZᵀ A`, `db = (1/m) dZᵀ 1`, and `dA = dZ W` for the layer before, from the gradient of
   * each example's loss with respect to this layer's output.
   */
  backward(dA: MatrixLike | Table): LayerGradients {
    this.checkFree('backward');
    const { rows, values } = this.remembered();
    const upstream = this.tableOf(dA, countOf(this.placed.a.shape), 'backward');
    if (upstream.rows !== rows) throw new ShapeError(`[${this.name}.backward] expected ${rows} rows, as in forward, but received ${upstream.rows}`);
    this.backwardProgram ??= this.compileBackward(input('dA', this.placed.a.shape));
    return this.keepGradients(this.backwardProgram.run(rows, { ...values, dA: upstream.data }));
  }

  /** `W ← W − ε dW` and `b ← b − ε db`, from the last `backward`. */
  update(learningRate: number): void {
    this.checkFree('update');
    finiteNumber('update', 'learningRate', learningRate);
    const found = this.gradients as unknown as Record<string, Table>;
    if (this.placed.parameters.length === 0) return;
    const rate = hyper('rate');
    this.updateProgram ??= new DirectProgram(this.store, {
      assignments: this.placed.parameters.map(({ name, node }) => assign(node, add(multiply(rate, input(gradientName(name), node.shape)), node))),
    });
    const feeds = Object.fromEntries(this.placed.parameters.map(({ name }) => [gradientName(name), found[gradientName(name)]!.data]));
    this.updateProgram.run(1, feeds, { hypers: { rate: -learningRate } });
  }

  /** Gradients from the loss itself, for the last layer: cross-entropies are differentiated together with their activation. */
  backwardFromLoss(y: MatrixLike, lossName: LossName | undefined): number {
    this.checkFree('backward');
    const { rows, values } = this.remembered();
    const { data, width, rows: targetRows } = matrix(y, null, 'backward', 'targets');
    if (targetRows !== rows) throw new ShapeError(`[backward] expected targets for ${rows} rows, as in forward, but received ${targetRows}`);
    const goal = settleGoal('backward', this.placed.a, width, lossName, []);
    checkTargets('backward', { data, width, scale: 1, shift: 0 }, null, goal.targetKind);
    const key = `${goal.lossName} ${width}`;
    let program = this.lossPrograms.get(key);
    if (program === undefined) {
      const perExample = goal.loss.build(this.placed.a, goal.targets);
      program = this.compileBackward(sum(perExample), { loss: reshape(mean(perExample), []) });
      this.lossPrograms.set(key, program);
    }
    const results = program.run(rows, { ...values, targets: data });
    this.keepGradients(results);
    return results['loss']!.data[0]!;
  }

  private keepGradients(results: Record<string, Table>): LayerGradients {
    const { loss: _loss, ...found } = results;
    this.last = found as unknown as LayerGradients;
    return this.last;
  }

  /** Forward must keep whatever any backward may read: `z`, `a` and the frontier of the gradient. */
  private compileForward(): { program: DirectProgram; kept: readonly Node[] } {
    const kept = this.keptNodes();
    const outputs = Object.fromEntries(kept.flatMap((node, i) => (node === this.placed.x ? [] : [[`kept${i}`, node]])));
    return { kept, program: new DirectProgram(this.store, { outputs: { z: this.placed.z, a: this.placed.a, ...outputs }, feeds: { x: this.placed.x } }) };
  }

  private keptNodes(): readonly Node[] {
    const { x, z, a } = this.placed;
    const parts = gradients(a, [x, ...this.placed.parameters.map(({ node }) => node)], input('dA', a.shape));
    return [...new Set([...frontier(parts, this.placed), x, z, a])];
  }

  /** Gradients of `source` (the loss, or an upstream gradient of the output) over the kept values. */
  private compileBackward(source: Node, outputs: Record<string, Node> = {}): DirectProgram {
    const { x, z, a, parameters } = this.placed;
    const targets = [x, z, ...parameters.map(({ node }) => node)];
    const isUpstream = source.shape.length > 0;
    const parts = isUpstream ? gradients(a, targets, source) : gradients(source, targets);
    const [dA, dZ, ...rest] = parts as [Node, Node, ...Node[]];
    const averaged = Object.fromEntries(parameters.map(({ name }, i) => [gradientName(name), multiply(rest[i]!, inverseRows())]));
    return new DirectProgram(this.store, {
      outputs: { dA, dZ, ...averaged, ...outputs },
      feeds: Object.fromEntries(this.keptNodes().map((node, i) => [`kept${i}`, node])),
    });
  }

  private remembered(): { cache: LayerCache; values: Record<string, Memory>; rows: number } {
    if (this.memory === undefined) throw new DenselyError('ERR_STATE', `[${this.name}] the cache needs a forward first`);
    return this.memory;
  }

  /** Rows of `width` numbers; arrays of the user's are copied, for the cache must not change with them. */
  private tableOf(values: MatrixLike | Table, width: number, method: string): { rows: number; data: Memory } {
    const where = `${this.name}.${method}`;
    if (typeof values !== 'object' || values === null) throw new ShapeError(`[${where}] expected rows of ${width} features but received ${describe(values)}`);
    if (!('data' in values)) {
      const { rows, data } = matrix(values, width, where);
      return { rows, data: data === values ? data.slice() : data };
    }
    const { shape, data } = values, rows = shape[0]!;
    if (shape.length !== 2 || shape[1] !== width || data.length !== rows * width) throw new ShapeError(`[${where}] expected ${width} features but received shape [${shape.join(', ')}] with ${data.length} values`);
    const isOwnKind = data instanceof (this.store.backend.precision === 'float64' ? Float64Array : Float32Array);
    return { rows, data: isOwnKind ? data : matrix(data, width, where).data };
  }

  private checkFree(where: string): void {
    this.store.checkUsable(where);
    this.store.gate.checkFree(where);
  }
}

/** The layers of a network, and the passes through all of them. */
export class Textbook {
  readonly layers: readonly TextbookLayer[];

  constructor(store: Store, model: Model) {
    this.layers = model.training.layers.map((placed) => new TextbookLayer(store, placed));
  }

  forward(x: MatrixLike): Prediction {
    let current: MatrixLike | Prediction = x;
    for (const layer of this.layers) current = layer.forward(current);
    return current as Prediction;
  }

  backward(y: MatrixLike, loss: LossName | undefined): number {
    const last = this.layers.at(-1)!;
    const value = last.backwardFromLoss(y, loss);
    let { dA } = last.gradients;
    for (const layer of this.layers.slice(0, -1).reverse()) dA = layer.backward(dA).dA;
    return value;
  }

  update(learningRate: number): void {
    for (const layer of this.layers) layer.update(learningRate);
  }
}
