// A network's tensors by name: handed out, replaced, and filled with first values.
import type { Memory } from '../backend/backend.ts';
import { OptionError, ShapeError } from '../errors.ts';
import type { Node } from '../graph/node.ts';
import { countOf, formatShape, sameShape } from '../graph/shape.ts';
import { drawInitial } from '../layers/initializers.ts';
import type { DerivedValues } from '../layers/layer.ts';
import { invalid, quote } from '../options.ts';
import { RandomStream, streams } from '../random/philox.ts';
import type { Model } from './model.ts';
import type { Store } from './store.ts';

/** A tensor by name, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Memory;
}

/** Values for a tensor by name. */
export interface GivenTensor {
  readonly name: string;
  readonly shape?: readonly number[];
  readonly data: ArrayLike<number>;
}

interface Kept { readonly name: string; readonly node: Node }

const shortList = (names: readonly string[]): string => (names.length > 64 ? `${names.slice(0, 64).join(', ')} and ${names.length - 64} more` : names.join(', '));

/** All tensors of a network: the trained ones, then those that are only kept. */
export class Tensors {
  private readonly store: Store;
  private readonly kept: readonly Kept[];
  private readonly byName: ReadonlyMap<string, Kept>;

  constructor(store: Store, { parameters, states }: Model) {
    this.store = store;
    this.kept = [...parameters, ...states];
    this.byName = new Map(this.kept.map((each) => [each.name, each]));
  }

  /** Draws first values, by the initializers. */
  static initialize(store: Store, { parameters, states }: Model, seed: number): void {
    const derive = ({ name, node }: Kept, { from, fill }: DerivedValues): void => {
      const source = `${name.slice(0, name.lastIndexOf('.'))}.${from}`;
      fill(store.view(node), store.view(parameters.find((parameter) => parameter.name === source)!.node));
    };
    // Streams are counted without derived tensors, so that a layer with one starts with the same numbers as without.
    let drawn = 0;
    for (const parameter of parameters) {
      const { node, request } = parameter;
      if (request.derived === undefined) drawInitial(store.view(node), request, new RandomStream(seed, streams.weights, drawn++));
      else derive(parameter, request.derived);
    }
    for (const state of states) {
      if (typeof state.initial === 'number') store.view(state.node).fill(state.initial);
      else if (state.initial instanceof Float64Array) store.write(state.node, state.initial);
      else derive(state, state.initial);
    }
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  read(): NamedTensor[] {
    return this.kept.map(({ name, node }) => ({ name, shape: node.shape as number[], data: this.store.read(node) }));
  }

  /** Replaces tensors by name; throws before any is changed. `all`: none may be left out. */
  write(where: string, tensors: readonly GivenTensor[], all = false): void {
    if (!Array.isArray(tensors)) throw invalid(where, 'tensors', 'an array of { name, data }', tensors);
    const found = tensors.map(({ name, shape, data }: GivenTensor) => {
      const { node } = this.find(where, name);
      if (shape !== undefined && !sameShape(shape, node.shape)) throw new ShapeError(`[${where}] expected shape ${formatShape(node.shape)} for '${name}' but received ${formatShape(shape)}`);
      return { node, values: this.finiteValues(where, name, data, countOf(node.shape)) };
    });
    const there = new Set(found.map(({ node }) => node)), missing = all ? this.kept.find(({ node }) => !there.has(node)) : undefined;
    if (missing !== undefined) throw new OptionError(`[${where}] no values for '${missing.name}'`);
    for (const { node, values } of found) this.store.write(node, values);
  }

  private find(where: string, name: string): Kept {
    const found = this.byName.get(name);
    if (found === undefined) throw new OptionError(`[${where}] no tensor is named ${quote(String(name))}; there are ${shortList(this.kept.map((each) => each.name))}`);
    return found;
  }

  /** Values in the network's precision; throws unless there are `count`, all finite. */
  private finiteValues(where: string, name: string, data: ArrayLike<number>, count: number): Memory {
    if (data?.length !== count) throw new ShapeError(`[${where}] expected ${count} values for '${name}' but received ${data?.length ?? 'none'}`);
    const values = this.inPrecision(data, count);
    // Thrice through by a built-in search takes a tenth of the time of once by a function that is not yet compiled, as when a model is loaded.
    const bad = [NaN, Infinity, -Infinity].some((value) => values.includes(value)) ? values.findIndex((value) => !Number.isFinite(value)) : -1;
    if (bad >= 0) throw invalid(where, `${name}[${bad}]`, 'a finite number', data[bad]);
    return values;
  }

  /** What has the network's precision is not copied. */
  private inPrecision(data: ArrayLike<number>, count: number): Memory {
    const isDouble = this.store.backend.precision === 'float64';
    if (isDouble && data instanceof Float64Array) return data;
    if (!isDouble && data instanceof Float32Array) return data;
    const values = this.store.backend.allocate(count);
    values.set(data);
    return values;
  }
}
