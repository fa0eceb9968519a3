// A network as a predictor uses it: what goes in and out, and its program for batches.
import type { Memory } from '../backend/backend.ts';
import { matrix, type Matrix } from '../data/columns.ts';
import type { Part, Tables } from '../data/parts.ts';
import { OptionError, ShapeError } from '../errors.ts';
import { ancestors } from '../graph/query.ts';
import { hasRows } from '../graph/shape.ts';
import { inputParts, inputRows, type RawRows } from '../network/given.ts';
import type { Model } from '../network/model.ts';
import { Network } from '../network/network.ts';
import { Predictor } from '../network/predictor.ts';
import { invalid, quote } from '../options.ts';

/** Inputs and outputs by name and width, as a sentence says them. */
function interfaceOf({ architecture, prediction }: Model): string {
  const listed = (parts: readonly { readonly name: string; readonly width: number }[]): string => parts.map(({ name, width }) => `${quote(name)} of ${width}`).join(' and ');
  return `${listed(inputParts(architecture))} to ${listed(prediction.outputs.map(({ name, node }) => ({ name, width: Number(node.shape[1]) })))}`;
}

/** Throws where the answer for a row would depend on the rows predicted with it, as in a batch norm without running statistics. */
function checkRowsApart(where: string, { prediction: { output } }: Model): void {
  const mixing = ancestors([output]).find(({ shape, inputs }) => !hasRows(shape) && inputs.some((input) => hasRows(input.shape)));
  if (mixing === undefined) return;
  const layer = mixing.path === '' ? 'a layer' : quote(mixing.path);
  throw new OptionError(`[${where}] expected a network that predicts each row by itself but ${layer} computes over all rows of a batch`);
}

export class ServedNetwork {
  readonly network: Network;
  readonly model: Model;
  private readonly parts: readonly Part[];
  private readonly predictor: Predictor;
  private readonly maxBatch: number;
  /** Outputs of a batch of `maxBatch` rows; one batch runs at a time. */
  private out: Memory | undefined;

  /** @throws {OptionError} Where the network cannot be served. */
  constructor(where: string, network: unknown, maxBatch: number) {
    if (!(network instanceof Network)) throw invalid(where, 'network', 'a Network', network);
    const { model, store } = network.internals;
    store.checkUsable(where);
    checkRowsApart(where, model);
    this.network = network;
    this.model = model;
    this.parts = inputParts(model.architecture);
    this.predictor = new Predictor(store, model.prediction.output, network.inputs);
    this.maxBatch = maxBatch;
  }

  /** @throws {ShapeError} Where the other's inputs or outputs are not the same. */
  checkSame(where: string, other: ServedNetwork): void {
    const own = interfaceOf(this.model), given = interfaceOf(other.model);
    if (own !== given) throw new ShapeError(`[${where}] expected a network from ${own} but received one from ${given}`);
  }

  /** What a caller gave, checked. */
  read(where: string, x: Tables | RawRows): Matrix {
    return matrix(inputRows(x, this.parts, this.network.preprocessor, where), this.network.inputs, where);
  }

  /** Outputs of a batch; good until the next call. */
  async run(x: Matrix): Promise<Memory> {
    const { store } = this.network.internals;
    return store.gate.through(async () => {
      store.checkUsable('predict');
      const out = this.memoryFor(x.rows);
      await store.reading(() => this.predictor.run(x, out, 'predict'));
      return out;
    });
  }

  private memoryFor(rows: number): Memory {
    const { internals: { store: { backend } }, outputs } = this.network;
    if (rows > this.maxBatch) return backend.allocate(rows * outputs);
    this.out ??= backend.allocate(this.maxBatch * outputs);
    return this.out;
  }

  /** Frees the program, as soon as nobody uses the network; the network itself stays. */
  async release(): Promise<void> {
    await this.network.internals.store.gate.through(async () => this.predictor.dispose());
  }
}
