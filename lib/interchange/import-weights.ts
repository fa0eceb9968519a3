// Weights of other libraries into the layers of a network: by order and by name, with every shape checked before anything is changed.
import { ModelFormatError, OptionError, ShapeError } from '../errors.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { fromBfloat16, fromFloat16 } from '../io/half.ts';
import { readSafetensors, type StoredTensor } from '../io/safetensors.ts';
import type { PlacedLayer } from '../network/model.ts';
import type { Network } from '../network/network.ts';
import type { GivenTensor } from '../network/tensors.ts';
import { checkOptions, describe, invalid, oneOf, quote } from '../options.ts';

/** Options of `importWeights`. */
export interface ImportWeightsOptions {
  /**
   * Whose names and orders the tensors have: `'pytorch'` (`0.weight` [units, inputs], `running_mean` and so on), `'keras'`
   * (`dense/kernel` [inputs, units], `gamma`, `moving_mean` and so on), or `'densely'` (the names that `weights` gives).
   */
  readonly layout: 'pytorch' | 'keras' | 'densely';
  /** What stands before the names of a layer's tensors, by the name of the layer: `{ dense1: 'encoder.hidden' }`. Layers not named take what is left, in order. */
  readonly names?: Readonly<Record<string, string>>;
}

/** A tensor of a layer: its name here, its names in the other library, and how it lies there. */
interface Slot {
  readonly part: string;
  readonly names: readonly string[];
  /** `matrix`: [units, inputs] in PyTorch, [inputs, units] in Keras. `column`: [units, 1] for [units]. */
  readonly form?: 'matrix' | 'column';
}
type Slots = (options: PlacedLayer['layer']['options']) => readonly Slot[];
interface Layout { readonly title: string; readonly layers: Readonly<Record<string, Slots>>; readonly ignored: readonly string[]; readonly separator: RegExp }

const slot = (part: string, ...names: string[]): Slot => ({ part, names });
const ifAffine = (slots: readonly Slot[]): Slots => ({ affine }) => (affine === true ? slots : []);
const normSlots = (affine: readonly Slot[], running: readonly Slot[]): Slots => (options) => [...ifAffine(affine)(options), ...(options['trackRunning'] === true ? running : [])];

/** Tensors of a dense layer in PyTorch, in the older and in the newer form of its normalizations. */
function linearSlots({ bias, weightNorm, spectralNorm }: Readonly<Record<string, unknown>>): Slot[] {
  const weight = weightNorm === true ? ['weight_v', 'parametrizations.weight.original1'] : spectralNorm === true ? ['weight_orig', 'parametrizations.weight.original'] : ['weight'];
  return [
    { part: 'weight', names: weight, form: 'matrix' }, ...(bias === true ? [slot('bias', 'bias')] : []),
    ...(weightNorm === true ? [{ part: 'gain', names: ['weight_g', 'parametrizations.weight.original0'], form: 'column' as const }] : []),
    ...(spectralNorm === true ? [slot('u', 'weight_u', 'parametrizations.weight.0._u'), slot('v', 'weight_v', 'parametrizations.weight.0._v')] : []),
  ];
}

/** Layers without weights of their own, and those whose numbers are of the data: they stay as they are. */
const kept: Readonly<Record<string, Slots>> = { standardScaler: () => [], minMaxScaler: () => [] };

const layouts: Readonly<Record<'pytorch' | 'keras', Layout>> = {
  pytorch: {
    title: 'PyTorch', ignored: ['num_batches_tracked'], separator: /\./,
    layers: {
      ...kept, dense: linearSlots, prelu: () => [slot('weight', 'weight')],
      batchNorm: normSlots([slot('weight', 'weight'), slot('bias', 'bias')], [slot('runningMean', 'running_mean'), slot('runningVariance', 'running_var')]),
      layerNorm: ifAffine([slot('weight', 'weight'), slot('bias', 'bias')]),
    },
  },
  keras: {
    title: 'Keras', ignored: [], separator: /[./]/,
    layers: {
      ...kept, prelu: () => [slot('weight', 'alpha')],
      dense: ({ bias, weightNorm, spectralNorm }) => (weightNorm === true || spectralNorm === true ? [] : [{ part: 'weight', names: ['kernel'], form: 'matrix' }, ...(bias === true ? [slot('bias', 'bias')] : [])]),
      batchNorm: normSlots([slot('weight', 'gamma'), slot('bias', 'beta')], [slot('runningMean', 'moving_mean'), slot('runningVariance', 'moving_variance')]),
      layerNorm: ifAffine([slot('weight', 'gamma'), slot('bias', 'beta')]),
    },
  },
};

/** Every name that a tensor may have behind that of its layer. */
const suffixes = {
  pytorch: [
    'weight', 'bias', 'weight_v', 'weight_g', 'weight_orig', 'weight_u', 'running_mean', 'running_var', 'num_batches_tracked',
    'parametrizations.weight.original', 'parametrizations.weight.original0', 'parametrizations.weight.original1', 'parametrizations.weight.0._u', 'parametrizations.weight.0._v',
  ],
  keras: ['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance', 'alpha'],
} as const;

interface Source { readonly name: string; readonly shape: readonly number[]; readonly data: ArrayLike<number> }

/**
 * Sets the weights of a network from a safetensors file or from tensors in memory. In the layouts of PyTorch and Keras, tensors are
 * grouped by what stands before their last names, and groups belong to layers in order: that of the list, in files the natural one of
 * the names (`2.weight` before `10.weight`). Matrices are transposed where the layer keeps them the other way. Scalers stay as they are.
 * Nothing is changed where anything does not fit.
 * @throws {OptionError} On tensors that are missing or left over, {ShapeError} on one of another shape, {ModelFormatError} on a bad file.
 *
 * @example await importWeights(network, 'trained-in-pytorch.safetensors', { layout: 'pytorch' });
 */
export async function importWeights(network: Network, source: string | readonly GivenTensor[], options: ImportWeightsOptions): Promise<void> {
  checkOptions('importWeights', options, ['layout', 'names']);
  const layout = oneOf('importWeights', 'layout', options.layout, ['pytorch', 'keras', 'densely']), names = checkNames(options.names);
  const tensors = typeof source === 'string' ? await fromFile(source) : fromMemory(source);
  if (layout === 'densely') {
    network.replaceTensors('importWeights', tensors, true);
    return;
  }
  const { layers, shapes } = await network.withModel('importWeights', ({ prediction, parameters, states }) => ({
    layers: prediction.layers.filter(({ name }) => !name.includes('@')), shapes: new Map([...parameters, ...states].map(({ name, node }) => [name, node.shape as number[]])),
  }));
  network.replaceTensors('importWeights', new Assignment(layout, tensors, shapes, typeof source === 'string').of(layers, names));
}

function checkNames(names: unknown): Readonly<Record<string, string>> {
  if (names === undefined) return {};
  if (typeof names !== 'object' || names === null || !Object.values(names).every((name) => typeof name === 'string')) throw invalid('importWeights', 'names', 'texts by the names of layers', names);
  return names as Readonly<Record<string, string>>;
}

function fromMemory(source: unknown): Source[] {
  if (!Array.isArray(source)) throw invalid('importWeights', 'source', 'a path or an array of { name, shape, data }', source);
  return source.map((tensor: Partial<GivenTensor> | null) => {
    const { name, shape, data } = tensor ?? {};
    if (typeof name !== 'string' || !Array.isArray(shape) || data === undefined || data.length !== shape.reduce((product: number, dimension: number) => product * dimension, 1)) {
      throw new OptionError(`[importWeights] expected tensors with a name, a shape and as many numbers but received ${typeof name === 'string' ? quote(name) : describe(tensor)}`);
    }
    return { name, shape, data };
  });
}

async function fromFile(path: string): Promise<Source[]> {
  const where = `importWeights ${quote(path, Infinity)}`, { tensors } = await readSafetensors(path, where);
  return [...tensors].map(([name, tensor]) => ({ name, shape: tensor.shape, data: numbersOf(name, tensor, where) }));
}

function numbersOf(name: string, { dtype, data }: StoredTensor, where: string): ArrayLike<number> {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  if (dtype === 'F16') return Float32Array.from(data as Uint16Array, fromFloat16);
  if (dtype === 'BF16') return Float32Array.from(data as Uint16Array, fromBfloat16);
  // Counters stand among the weights; as weights they are refused by what they are.
  if (dtype === 'I64') return Float64Array.from(data as BigInt64Array, Number);
  throw new ModelFormatError(`[${where}] tensor ${quote(name)}: expected numbers of type F64, F32, F16 or BF16 but received ${dtype}`);
}

type Group = ReadonlyMap<string, Source>;

/** Which tensors belong to which layer. */
class Assignment {
  private readonly layout: Layout;
  private readonly isKeras: boolean;
  private readonly groups: ReadonlyMap<string, Group>;
  private readonly shapes: ReadonlyMap<string, readonly number[]>;

  /** @param sorted Groups come in the natural order of their names instead of that of the tensors. */
  constructor(name: 'pytorch' | 'keras', tensors: readonly Source[], shapes: ReadonlyMap<string, readonly number[]>, sorted: boolean) {
    this.layout = layouts[name];
    this.isKeras = name === 'keras';
    this.shapes = shapes;
    const groups = new Map<string, Map<string, Source>>(), { compare } = new Intl.Collator('en', { numeric: true });
    for (const tensor of tensors) {
      const [prefix, suffix] = this.split(tensor.name, suffixes[name]);
      if (this.layout.ignored.includes(suffix)) continue;
      const group = groups.get(prefix) ?? new Map<string, Source>();
      if (group.has(suffix)) throw new OptionError(`[importWeights] expected every tensor once but ${quote(tensor.name)} is there twice`);
      groups.set(prefix, group.set(suffix, tensor));
    }
    this.groups = sorted ? new Map([...groups].sort(([a], [b]) => compare(a, b))) : groups;
  }

  /** What stands before the last name, and that name. */
  private split(name: string, known: readonly string[]): [prefix: string, suffix: string] {
    const parts = name.replace(/:\d+$/, '').split(this.layout.separator);
    for (let from = Math.max(0, parts.length - 4); from < parts.length; from++) {
      const suffix = parts.slice(from).join('.');
      if (known.includes(suffix)) return [parts.slice(0, from).join('.'), suffix];
    }
    throw new OptionError(`[importWeights] tensor ${quote(name)} is none that a layer has in ${this.layout.title}, which end in ${known.slice(0, 3).join(', ')} and so on`);
  }

  of(layers: readonly PlacedLayer[], names: Readonly<Record<string, string>>): GivenTensor[] {
    const wanted = layers.map((layer) => ({ layer, slots: this.slotsOf(layer) })).filter(({ slots }) => slots.length > 0);
    for (const name of Object.keys(names)) oneOf('importWeights', 'names', name, wanted.map(({ layer }) => layer.name));
    const taken = new Map(Object.entries(names).map(([layer, prefix]) => [layer, this.named(prefix)]));
    const reserved = new Set(taken.values()), free = [...this.groups].filter(([, group]) => !reserved.has(group));
    const result = wanted.flatMap(({ layer, slots }) => {
      const found = taken.get(layer.name) ?? free.shift()?.[1];
      if (found === undefined) throw new OptionError(`[importWeights] no tensors are left for '${layer.name}': there are ${this.groups.size} layers with tensors but the network has ${wanted.length}`);
      return slots.map((each) => this.tensor(layer, each, found));
    });
    if (free.length > 0) throw new OptionError(`[importWeights] the tensors of ${quote(free[0]![0])} are left over: there are ${this.groups.size} layers with tensors but the network has ${wanted.length}`);
    return result;
  }

  private slotsOf(layer: PlacedLayer): readonly Slot[] {
    const { type, options } = layer.layer, slots = this.layout.layers[type];
    const hasTensors = [...this.shapes.keys()].some((name) => name.startsWith(`${layer.name}.`));
    const found = slots?.(options) ?? [];
    if (hasTensors && (slots === undefined || (found.length === 0 && type === 'dense'))) throw new OptionError(`[importWeights] layer '${layer.name}' has no counterpart in ${this.layout.title}; use its names and layout 'densely'`);
    return found;
  }

  private named(prefix: string): Group {
    const group = this.groups.get(prefix.split(this.layout.separator).join('.'));
    if (group === undefined) throw new OptionError(`[importWeights] no tensors have names that begin with ${quote(prefix)}; there are ${[...this.groups.keys()].slice(0, 8).join(', ')}`);
    return group;
  }

  private tensor({ name: layerName, layer }: PlacedLayer, { part, names, form }: Slot, group: Group): GivenTensor {
    const name = `${layerName}.${part}`, shape = this.shapes.get(name)!, found = names.map((each) => group.get(each)).find((each) => each !== undefined);
    if (found === undefined) throw new OptionError(`[importWeights] expected ${names.map((each) => quote(each)).join(' or ')} for '${name}' but there are ${[...group.values()].map((each) => quote(each.name)).join(', ')}`);
    const isTurned = form === 'matrix' && this.isKeras !== (layer.options['weightOrder'] === 'LR');
    const expected = form === 'column' ? [...shape, 1] : isTurned ? shape.toReversed() : shape;
    if (!sameShape(found.shape, expected)) throw new ShapeError(`[importWeights] expected ${quote(found.name)} to have shape ${formatShape(expected)} for '${name}' but it has ${formatShape(found.shape)}`);
    return { name, shape, data: isTurned ? turned(found) : found.data };
  }
}

function turned({ shape, data }: Source): Float64Array {
  const [lines, columns] = shape as [number, number], result = new Float64Array(data.length);
  for (let i = 0; i < lines; i++) for (let j = 0; j < columns; j++) result[j * lines + i] = data[i * columns + j]!;
  return result;
}
