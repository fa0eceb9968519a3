// The textbook's passes through a whole network: forward through the layers in order, backward in the opposite one.
import { ShapeError } from '../errors.ts';
import type { MatrixLike } from '../data/columns.ts';
import type { Tables } from '../data/parts.ts';
import { countOf } from '../graph/shape.ts';
import { arranged, checkArrangement, rowsOf, type ArrangementOptions, type Table } from './arrangement.ts';
import { inputParts, joined, targetTable } from './given.ts';
import type { Model } from './model.ts';
import { settleGoal, type GoalOptions } from './objective.ts';
import type { Store } from './store.ts';
import { TextbookLayer } from './textbook-layer.ts';

/** Columns `first` to `first + width` of a table of rows. */
export function columnsOf({ shape, data }: Table, first: number, width: number): Table {
  const [rows, whole] = shape as [number, number];
  if (width === whole) return { shape, data };
  const part = data.slice(0, rows * width);
  for (let row = 0; row < rows; row++) part.set(data.subarray(row * whole + first, row * whole + first + width), row * width);
  return { shape: [rows, width], data: part };
}

/** The layers of a network, and the passes through all of them. */
export class Textbook {
  readonly layers: readonly TextbookLayer[];
  private readonly store: Store;
  private readonly model: Model;

  constructor(store: Store, model: Model) {
    this.store = store;
    this.model = model;
    this.layers = model.training.layers.map((placed) => new TextbookLayer(store, placed));
  }

  forward(x: Tables, options: ArrangementOptions = {}): Table {
    const { inputs, outputs } = this.model.architecture, arrangement = checkArrangement('forward', options.arrangement);
    const total = inputs.reduce((so, { features }) => so + features, 0);
    const { rows, data } = rowsOf(joined(x as MatrixLike, inputParts(this.model.architecture), 'forward'), total, arrangement, this.store.backend.precision, 'forward');
    const whole: Table = { shape: [rows, total], data };
    const values: Table[] = [];
    let first = 0;
    for (const { features } of inputs) {
      values.push(arranged(columnsOf(whole, first, features), arrangement));
      first += features;
    }
    for (const layer of this.layers) {
      const read = layer.placed.reads.map((value) => values[value]!);
      values.push(layer.forward(read.length === 1 ? read[0]! : read, options));
    }
    return outputs.length === 1 ? values[outputs[0]!.value]! : this.sideBySide(outputs.map(({ value }) => values[value]!), rows, options);
  }

  private sideBySide(tables: readonly Table[], rows: number, options: ArrangementOptions): Table {
    const arrangement = checkArrangement('forward', options.arrangement), precision = this.store.backend.precision;
    const widths = this.model.training.outputs.map(({ node }) => countOf(node.shape)), width = widths.reduce((a, b) => a + b, 0);
    const data = this.store.backend.allocate(rows * width);
    let first = 0;
    tables.forEach((table, i) => {
      const part = rowsOf(table, widths[i]!, arrangement, precision, 'forward').data;
      for (let row = 0; row < rows; row++) data.set(part.subarray(row * widths[i]!, (row + 1) * widths[i]!), row * width + first);
      first += widths[i]!;
    });
    return arranged({ shape: [rows, width], data }, arrangement);
  }

  backward(y: Tables, options: GoalOptions): number {
    const { outputs } = this.model.architecture, arrangement = this.layers.at(-1)!.arrangement;
    const { table, widths } = targetTable(y, outputs.map(({ name }) => name), arrangement, 'backward');
    const goal = settleGoal('backward', this.model.training, widths, { ...options, metrics: [] });
    const upstream = new Map<number, Table>();
    let loss = 0;
    for (const layer of this.layers.toReversed()) {
      const { makes, a } = layer.placed, output = outputs.findIndex(({ value }) => value === makes), dA = upstream.get(makes);
      const rows = layer.cache.a.data.length / countOf(a.shape);
      if (output >= 0) {
        if (table.shape[0] !== rows) throw new ShapeError(`[backward] expected targets for ${rows} rows, as in forward, but received ${table.shape[0]}`);
        const each = goal.outputs[output]!, first = widths.slice(0, output).reduce((so, width) => so + width, 0);
        loss += each.weight * layer.backwardFromLoss(columnsOf(table, first, widths[output]!).data, each, dA);
      } else {
        // A value that nothing depends on gets no gradient.
        layer.backward(arranged(dA ?? { shape: [rows, countOf(a.shape)], data: this.store.backend.allocate(rows * countOf(a.shape)) }, arrangement));
      }
      for (const [value, gradient] of layer.inputGradients()) accumulate(upstream, value, gradient);
    }
    return loss;
  }

  update(learningRate: number): void {
    for (const layer of this.layers) layer.update(learningRate);
  }
}

/** Adds a gradient to those that reached the same value through other layers. */
function accumulate(sums: Map<number, Table>, value: number, gradient: Table): void {
  const sum = sums.get(value);
  if (sum === undefined) sums.set(value, { shape: gradient.shape, data: gradient.data.slice() });
  else for (let i = 0; i < sum.data.length; i++) sum.data[i]! += gradient.data[i]!;
}
