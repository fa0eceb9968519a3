// Layers of one's own: a plain function of nodes becomes a kind of layer that can be saved and loaded.
import { OptionError, ShapeError } from '../errors.ts';
import { Node } from '../graph/node.ts';
import { formatShape, hasRows } from '../graph/shape.ts';
import { checkOptions, describe, invalid, nonEmptyString, oneOf, optionalFunction, quote } from '../options.ts';
import { checkInitializer, type Initializer } from './initializers.ts';
import { Layer, type LayerContext, type LayerOutput, type LayerType, type ParameterRequest } from './layer.ts';
import { registerLayerType } from './registry.ts';

/** Options of a layer: what JSON can hold. */
export type PlainOptions = Readonly<Record<string, unknown>>;

/** A trained tensor that a layer of one's own asks for. */
export interface CustomParameter {
  readonly shape: readonly number[];
  /** First values (default `glorotUniform`). */
  readonly initializer?: Initializer;
  /** Inputs and outputs of a unit, for the initializer (default the last and the first dimension of the shape). */
  readonly fanIn?: number;
  readonly fanOut?: number;
  /** Weights of Σ|W| and ΣW² in the cost (default 0). */
  readonly l1?: number;
  readonly l2?: number;
  /** Applied to the new value after every update. */
  constraint?(updated: Node): Node;
}

/** What a layer of one's own can ask for while it is built. */
export interface CustomContext extends Pick<LayerContext, 'name' | 'training' | 'update' | 'penalty' | 'draw'> {
  /** The layer's parameter of that name. */
  parameter(name: string, request: CustomParameter): Node;
  /** A tensor that is kept and saved but not trained; every value is `initial` (default 0) at first. */
  state(name: string, shape: readonly number[], initial?: number): Node;
}

/** A kind of layer of one's own. */
export interface LayerDefinition<Options extends object> {
  /** Its name, under which models that use it are saved: letters and digits, a letter first and last. */
  readonly type: string;
  readonly doc?: string;
  /** `'one'` input (default) or `'several'`. */
  readonly arity?: 'one' | 'several';
  /** The graph of the layer, made of the functions of `densely/graph`: its output [rows, features], or that with `z`, the value before the activation. */
  build(inputs: readonly [Node, ...Node[]], options: Options, context: CustomContext): Node | LayerOutput;
  /** Checks options, which may come from a file, and gives them with defaults filled in; throws where they make no sense. */
  check?(options: Options): Options;
  /** The layer in a line of the summary. */
  describe?(options: Options): string;
}

/** The part of `value` that JSON cannot hold, as a path and a description; undefined where there is none. */
function impossible(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return undefined;
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return `${path} is ${describe(value)}`;
  for (const [key, part] of Object.entries(value as object)) {
    const found = part === undefined && !Array.isArray(value) ? undefined : impossible(part, path === '' ? quote(key) : `${path} ${quote(key)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function plain(where: string, options: unknown): PlainOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalid(where, 'options', 'an object', options);
  let found: string | undefined;
  try {
    found = impossible(options, '');
  } catch {
    found = 'they contain themselves';
  }
  if (found !== undefined) throw new OptionError(`[${where}] expected options of numbers, texts, true, false, null, arrays and plain objects but ${found}`);
  return JSON.parse(JSON.stringify(options)) as PlainOptions;
}

function contextFor(type: string, context: LayerContext): CustomContext {
  const where = `${type} '${context.name}'`;
  const checkName = (name: string): string => {
    if (typeof name !== 'string' || !/^\w+$/.test(name)) throw invalid(where, 'name', 'a name of letters and digits for a tensor', name);
    return name;
  };
  return {
    ...context,
    parameter(name, { shape, initializer = 'glorotUniform', fanIn = shape.at(-1) ?? 1, fanOut = shape[0] ?? 1, ...rest }) {
      const request: ParameterRequest = { shape, initializer: checkInitializer(where, initializer), fanIn, fanOut, ...rest };
      return context.parameter(checkName(name), request);
    },
    state: (name, shape, initial) => context.state(checkName(name), shape, initial),
  };
}

function checkOutput(where: string, output: unknown): LayerOutput {
  const { z, a } = output instanceof Node ? { z: output, a: output } : (output ?? {}) as Partial<LayerOutput>;
  if (!(z instanceof Node && a instanceof Node)) throw new OptionError(`[${where}] expected 'build' to return a node, or an object of nodes z and a, but it returned ${describe(output)}`);
  if (a.shape.length !== 2 || !hasRows(a.shape)) throw new ShapeError(`[${where}] expected 'build' to return a node of shape [rows, features] but its shape is ${formatShape(a.shape)}`);
  return { z, a };
}

/**
 * Defines a kind of layer by a function of nodes, and returns its factory. Models that use it can be loaded in any process that
 * has made the same definition before. Options must be plain data, for they are saved with the model.
 * @throws {OptionError} On the name of a layer of this library, or one that was defined before.
 *
 * @example
 * const squash = defineLayer({ type: 'squash', build: ([x], { power }: { power: number }) => scale(tanh(x), power) });
 * new Network({ inputs: 4, layers: [dense(8), squash({ power: 2 }), dense(1)] });
 */
export function defineLayer<Options extends object = PlainOptions>(definition: LayerDefinition<Options>): (options?: Options) => Layer {
  checkOptions('defineLayer', definition, ['type', 'doc', 'arity', 'build', 'check', 'describe']);
  const { type: name, doc = '', arity = 'one', build, check, describe: line } = definition;
  const type = nonEmptyString('defineLayer', 'type', name);
  if (!/^[A-Za-z](\w*[A-Za-z])?$/.test(type)) throw invalid('defineLayer', 'type', 'a name of letters and digits with a letter first and last', type);
  oneOf('defineLayer', 'arity', arity, ['one', 'several']);
  if (typeof build !== 'function') throw invalid('defineLayer', 'build', 'a function', build);
  optionalFunction('defineLayer', 'check', check);
  optionalFunction('defineLayer', 'describe', line);
  const layer: LayerType = {
    type, doc, arity,
    check(options) {
      const given = plain(type, options) as Options;
      return new Layer(type, check === undefined ? given as PlainOptions : plain(type, check(given)));
    },
    build: (inputs, options, context) => checkOutput(`${type} '${context.name}'`, build(inputs, options as Options, contextFor(type, context))),
    describe: (options) => line?.(options as Options) ?? '',
  };
  registerLayerType(layer);
  return (options = {} as Options) => layer.check(options as PlainOptions);
}
