// Initial weights, as functions of the number of inputs and outputs of a unit (fan-in and fan-out) and a seeded stream.
import { OptionError } from '../errors.ts';
import { checkOptions, describe, finiteNumber, suggestion } from '../options.ts';
import type { RandomStream } from '../random/philox.ts';
import type { ParameterRequest } from './layer.ts';
import { orthonormalVectors } from './orthogonal.ts';

interface InitializerDefinition {
  readonly doc: string;
  /** Default of `scale`, for the initializers that have one. */
  readonly scale?: number;
  /** One value. */
  draw?(random: RandomStream, fanIn: number, fanOut: number, scale: number): number;
  /** A whole matrix of so many units and inputs, as a function of unit and input; for weights, not for biases. */
  matrix?(random: RandomStream, units: number, inputs: number, scale: number): (unit: number, input: number) => number;
}

const uniform = (random: RandomStream, limit: number): number => (2 * random.uniform() - 1) * limit;

/** A normal number that lies within two standard deviations. */
function truncated(random: RandomStream): number {
  let value = random.normal();
  while (Math.abs(value) > 2) value = random.normal();
  return value;
}

/** Rows or columns, whichever are fewer, are orthonormal times `scale`. */
function orthogonal(random: RandomStream, units: number, inputs: number, scale: number): (unit: number, input: number) => number {
  const basis = orthonormalVectors(Math.min(units, inputs), Math.max(units, inputs), random);
  return units < inputs ? (unit, input) => scale * basis[unit]![input]! : (unit, input) => scale * basis[input]![unit]!;
}

export const initializers = {
  zeros: { doc: '0', draw: () => 0 },
  ones: { doc: '1', draw: () => 1 },
  constant: { doc: '`scale`', scale: 0.1, draw: (_random, _fanIn, _fanOut, scale) => scale },
  randomUniform: { doc: 'uniform in ±`scale`', scale: 0.05, draw: (random, _fanIn, _fanOut, scale) => uniform(random, scale) },
  randomNormal: { doc: 'N(0, `scale`²)', scale: 0.05, draw: (random, _fanIn, _fanOut, scale) => scale * random.normal() },
  truncatedNormal: { doc: 'N(0, `scale`²), drawn again where it lies beyond two standard deviations', scale: 0.05, draw: (random, _fanIn, _fanOut, scale) => scale * truncated(random) },
  glorotUniform: { doc: 'uniform in ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010)', draw: (random, fanIn, fanOut) => uniform(random, Math.sqrt(6 / (fanIn + fanOut))) },
  glorotNormal: { doc: 'N(0, 2 / (fan-in + fan-out)) (Glorot and Bengio 2010)', draw: (random, fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)) * random.normal() },
  heUniform: { doc: 'uniform in ±√(6 / fan-in) (He et al. 2015)', draw: (random, fanIn) => uniform(random, Math.sqrt(6 / fanIn)) },
  heNormal: { doc: 'N(0, 2 / fan-in) (He et al. 2015)', draw: (random, fanIn) => Math.sqrt(2 / fanIn) * random.normal() },
  lecunUniform: { doc: 'uniform in ±√(3 / fan-in) (LeCun et al. 1998)', draw: (random, fanIn) => uniform(random, Math.sqrt(3 / fanIn)) },
  lecunNormal: { doc: 'N(0, 1 / fan-in) (LeCun et al. 1998)', draw: (random, fanIn) => Math.sqrt(1 / fanIn) * random.normal() },
  orthogonal: { doc: 'orthonormal rows, or columns where there are fewer, times `scale`, the gain (Saxe et al. 2014)', scale: 1, matrix: orthogonal },
  identity: { doc: '`scale` where unit and input have the same number, else 0', scale: 1, matrix: (_random, _units, _inputs, scale) => (unit, input) => (unit === input ? scale : 0) },
} as const satisfies Record<string, InitializerDefinition>;

/** The names of the initializers. */
export type InitializerName = keyof typeof initializers;
/** A name, or a name with its parameter: `{ name: 'randomNormal', scale: 0.01 }`. */
export type Initializer = InitializerName | { readonly name: InitializerName; readonly scale?: number };

export function checkInitializer(where: string, initializer: unknown): Initializer {
  const name = typeof initializer === 'object' && initializer !== null ? (initializer as { name?: unknown }).name : initializer;
  if (typeof name !== 'string' || !Object.hasOwn(initializers, name)) {
    const hint = typeof name === 'string' ? suggestion(name, Object.keys(initializers)) : '';
    throw new OptionError(`[${where}] expected an initializer, one of ${Object.keys(initializers).join(', ')}, but received ${describe(name)}${hint}`);
  }
  if (typeof initializer === 'string') return initializer as InitializerName;
  const options = initializer as { name: InitializerName; scale?: number };
  const definition: InitializerDefinition = initializers[options.name];
  checkOptions(where, options, definition.scale === undefined ? ['name'] : ['name', 'scale']);
  if (options.scale !== undefined) finiteNumber(where, 'scale', options.scale);
  return options;
}

/** Like `checkInitializer`, for a vector such as biases: refuses initializers of matrices. */
export function checkVectorInitializer(where: string, option: string, initializer: unknown): Initializer {
  const checked = checkInitializer(where, initializer), name = nameOf(checked);
  const definition: InitializerDefinition = initializers[name];
  if (definition.draw === undefined) throw new OptionError(`[${where}] expected '${option}' to be an initializer of single values but '${name}' makes matrices`);
  return checked;
}

const nameOf = (initializer: Initializer): InitializerName => (typeof initializer === 'string' ? initializer : initializer.name);

/** What a tensor asks of its initializer. */
export type InitialRequest = Pick<ParameterRequest, 'initializer' | 'shape' | 'fanIn' | 'fanOut' | 'transposed' | 'mask'>;

/** Fills `target` with first values drawn from `random`, in place, unit by unit. */
export function drawInitial(target: Float32Array | Float64Array, { initializer, shape, fanIn, fanOut, transposed = false, mask }: InitialRequest, random: RandomStream): void {
  const definition: InitializerDefinition = initializers[nameOf(initializer)];
  const scale = (typeof initializer === 'string' ? undefined : initializer.scale) ?? definition.scale ?? 0;
  const columns = shape.length < 2 ? 1 : shape.at(-1)!, rows = target.length / columns;
  const [units, inputs] = transposed ? [columns, rows] : [rows, columns];
  const valueAt = definition.matrix?.(random, units, inputs, scale) ?? (() => definition.draw!(random, fanIn, fanOut, scale));
  for (let unit = 0; unit < units; unit++) {
    for (let input = 0; input < inputs; input++) target[transposed ? input * units + unit : unit * inputs + input] = valueAt(unit, input);
  }
  if (mask !== undefined) for (let i = 0; i < target.length; i++) if (mask[i] === 0) target[i] = 0;
}
