// Initial weights, as functions of the number of inputs and outputs of a unit (fan-in and fan-out) and a seeded stream.
import { OptionError } from '../errors.ts';
import { checkOptions, describe, finiteNumber, suggestion } from '../options.ts';
import type { RandomStream } from '../random/philox.ts';

interface InitializerDefinition {
  readonly doc: string;
  /** Default of `scale`, for the initializers that have one. */
  readonly scale?: number;
  /** One value. */
  draw(random: RandomStream, fanIn: number, fanOut: number, scale: number): number;
}

const uniform = (random: RandomStream, limit: number): number => (2 * random.uniform() - 1) * limit;

export const initializers = {
  zeros: { doc: '0', draw: () => 0 },
  constant: { doc: '`scale`', scale: 0.1, draw: (_random, _fanIn, _fanOut, scale) => scale },
  randomUniform: { doc: 'uniform in ±`scale`', scale: 0.05, draw: (random, _fanIn, _fanOut, scale) => uniform(random, scale) },
  randomNormal: { doc: 'N(0, `scale`²)', scale: 0.05, draw: (random, _fanIn, _fanOut, scale) => scale * random.normal() },
  glorotUniform: { doc: 'uniform in ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010)', draw: (random, fanIn, fanOut) => uniform(random, Math.sqrt(6 / (fanIn + fanOut))) },
  glorotNormal: { doc: 'N(0, 2 / (fan-in + fan-out)) (Glorot and Bengio 2010)', draw: (random, fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)) * random.normal() },
  heUniform: { doc: 'uniform in ±√(6 / fan-in) (He et al. 2015)', draw: (random, fanIn) => uniform(random, Math.sqrt(6 / fanIn)) },
  heNormal: { doc: 'N(0, 2 / fan-in) (He et al. 2015)', draw: (random, fanIn) => Math.sqrt(2 / fanIn) * random.normal() },
  lecunUniform: { doc: 'uniform in ±√(3 / fan-in) (LeCun et al. 1998)', draw: (random, fanIn) => uniform(random, Math.sqrt(3 / fanIn)) },
  lecunNormal: { doc: 'N(0, 1 / fan-in) (LeCun et al. 1998)', draw: (random, fanIn) => Math.sqrt(1 / fanIn) * random.normal() },
} as const satisfies Record<string, InitializerDefinition>;

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

/** What a tensor asks of its initializer: shape, and inputs and outputs of a unit. */
export interface InitialRequest { readonly initializer: Initializer; readonly shape: readonly number[]; readonly fanIn: number; readonly fanOut: number }

/** Fills `target` with first values drawn from `random`. */
export function drawInitial(target: Float32Array | Float64Array, { initializer, fanIn, fanOut }: InitialRequest, random: RandomStream): void {
  const name = typeof initializer === 'string' ? initializer : initializer.name;
  const definition: InitializerDefinition = initializers[name];
  const scale = (typeof initializer === 'string' ? undefined : initializer.scale) ?? definition.scale ?? 0;
  for (let i = 0; i < target.length; i++) target[i] = definition.draw(random, fanIn, fanOut, scale);
}
