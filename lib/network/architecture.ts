// How the layers of a network hang together: a list of applications of layers to values, as it is built, saved and loaded.
import { OptionError } from '../errors.ts';
import { Layer, SymbolicTensor, type LayerSpec } from '../layers/layer.ts';
import { layerType } from '../layers/registry.ts';
import { describe, invalid, positiveInteger, quote } from '../options.ts';

/** An input of the network: rows of `features` numbers. */
export interface NamedInput { readonly name: string; readonly features: number }
/** An output of the network: one of its values. */
export interface NamedOutput { readonly name: string; readonly value: number }
/** Layer number `layer` applied to values; values are counted from the inputs on, and each application makes the next one. */
export interface Application { readonly layer: number; readonly inputs: readonly number[] }

/** A network without its numbers. */
export interface Architecture {
  readonly inputs: readonly NamedInput[];
  /** Each layer once, however often it is applied. */
  readonly layers: readonly Layer[];
  /** In an order in which each may run after those before it. */
  readonly applications: readonly Application[];
  readonly outputs: readonly NamedOutput[];
}

/** An architecture as plain data; a chain needs neither applications nor outputs. */
export interface Configuration {
  readonly inputs: number | readonly NamedInput[];
  readonly layers: readonly LayerSpec[];
  readonly applications?: readonly Application[];
  readonly outputs?: readonly NamedOutput[];
}

/** Values by name: one by itself, several in order, or by names of one's own. */
export type Named<Value> = Value | readonly Value[] | Readonly<Record<string, Value>>;

/** Inputs, layers, applications and outputs of a network; with more, compiling would take minutes and overrun the stack. */
export const mostParts = 4096;

function checkLayers(layers: unknown): Layer[] {
  if (!Array.isArray(layers) || layers.length === 0) throw invalid('Network', 'layers', 'an array of at least one layer', layers);
  if (layers.length > mostParts) throw tooMany('layers', layers.length);
  return layers.map((layer: LayerSpec, i) => {
    if (typeof layer?.type !== 'string') throw invalid('Network', `layers[${i}]`, 'a layer such as dense(10)', layer);
    return layerType(layer.type).check(layer.options ?? {});
  });
}

function tooMany(what: string, count: number): OptionError {
  return new OptionError(`[Network] expected at most ${mostParts} ${what} but received ${count}`);
}

/** One layer after the other. */
export function chain(inputs: unknown, specs: unknown): Architecture {
  const features = positiveInteger('Network', 'inputs', inputs), layers = checkLayers(specs);
  return {
    inputs: [{ name: 'input', features }], layers,
    applications: layers.map((_, i) => ({ layer: i, inputs: [i] })), outputs: [{ name: 'output', value: layers.length }],
  };
}

/** Values with their names: those of the user, or `input`, `input1`, `input2` and so on. */
function nameValues(what: 'input' | 'output', given: unknown): [name: string, value: SymbolicTensor][] {
  const isOne = given instanceof SymbolicTensor;
  const entries: [string, unknown][] = isOne ? [[what, given]]
    : Array.isArray(given) ? given.map((value, i) => [given.length === 1 ? what : `${what}${i + 1}`, value])
      : Object.entries(typeof given === 'object' && given !== null ? given : {});
  if (entries.length === 0) throw invalid('Network', `${what}s`, 'a value made by input() or apply(), or several in an array or by name', given);
  if (entries.length > mostParts) throw tooMany(`${what}s`, entries.length);
  for (const [name, value] of entries) {
    if (!(value instanceof SymbolicTensor)) throw new OptionError(`[Network] expected ${what} ${quote(name)} to be a value made by input() or apply() but received ${describe(value)}`);
    if (name === '' || name.includes('.')) throw new OptionError(`[Network] expected names of ${what}s without dots but received ${quote(name)}`);
  }
  return entries as [string, SymbolicTensor][];
}

/** What was applied between inputs and outputs. */
export function traced(givenInputs: unknown, givenOutputs: unknown): Architecture {
  const inputs = nameValues('input', givenInputs), outputs = nameValues('output', givenOutputs);
  const numbers = new Map<SymbolicTensor, number>();
  for (const [name, value] of inputs) {
    if (value.layer !== undefined) throw new OptionError(`[Network] expected input ${quote(name)} to be made by input() but a layer of type ${value.layer.type} makes it`);
    if (numbers.has(value)) throw new OptionError(`[Network] expected every input once but ${quote(name)} is there twice`);
    numbers.set(value, numbers.size);
  }
  outputs.forEach(([name, value], i) => {
    if (outputs.findIndex(([, other]) => other === value) < i) throw new OptionError(`[Network] expected every output once but ${quote(name)} is there twice`);
  });
  const layers: Layer[] = [], applications: Application[] = [], numberOf = new Map<Layer, number>();
  // Depth first without recursion, inputs before users: networks may be deeper than the stack.
  const pending = outputs.map(([, value]) => value).reverse();
  while (pending.length > 0) {
    const value = pending.at(-1)!;
    if (numbers.has(value)) {
      pending.pop();
      continue;
    }
    if (value.layer === undefined) throw new OptionError("[Network] expected all inputs that the outputs depend on among 'inputs' but one is missing");
    const missing = value.inputs.filter((each) => !numbers.has(each));
    if (missing.length > 0) {
      pending.push(...missing.toReversed());
      continue;
    }
    pending.pop();
    if (!numberOf.has(value.layer)) numberOf.set(value.layer, layers.push(layerType(value.layer.type).check(value.layer.options)) - 1);
    numbers.set(value, inputs.length + applications.push({ layer: numberOf.get(value.layer)!, inputs: value.inputs.map((each) => numbers.get(each)!) }) - 1);
  }
  if (applications.length > mostParts) throw tooMany('applied layers', applications.length);
  if (applications.length === 0) throw new OptionError('[Network] expected at least one layer between inputs and outputs');
  return {
    inputs: inputs.map(([name, { features }]) => ({ name, features: features! })), layers, applications,
    outputs: outputs.map(([name, value]) => ({ name, value: numbers.get(value)! })),
  };
}

function isChain({ inputs, applications, outputs, layers }: Architecture): boolean {
  return inputs.length === 1 && inputs[0]!.name === 'input' && outputs.length === 1 && outputs[0]!.name === 'output' && outputs[0]!.value === layers.length
    && applications.length === layers.length && applications.every(({ layer, inputs: [first, ...others] }, i) => layer === i && first === i && others.length === 0);
}

export function configurationOf(architecture: Architecture): Configuration {
  const layers = architecture.layers.map(({ type, options }) => ({ type, options }));
  return isChain(architecture) ? { inputs: architecture.inputs[0]!.features, layers } : { ...architecture, layers };
}

/** The architecture that a file describes; throws an OptionError where it makes no sense. */
export function architectureOf({ inputs, layers: specs, applications, outputs }: Configuration): Architecture {
  if (applications === undefined && outputs === undefined) return chain(inputs, specs);
  const layers = checkLayers(specs);
  const bad = (what: string): never => {
    throw new OptionError(`[Network] ${what}`);
  };
  if (!Array.isArray(inputs) || !Array.isArray(applications) || !Array.isArray(outputs) || inputs.length === 0 || outputs.length === 0) return bad('expected lists of inputs, applications and outputs');
  const named = (each: { name?: unknown }): boolean => typeof each?.name === 'string' && each.name !== '';
  const below = (value: unknown, limit: number): boolean => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < limit;
  if (!inputs.every((each) => named(each) && below(each.features - 1, 2 ** 31))) bad('expected inputs with a name and a number of features');
  applications.forEach((each, i) => {
    const good = below(each?.layer, layers.length) && Array.isArray(each.inputs) && each.inputs.length > 0 && each.inputs.every((value: unknown) => below(value, inputs.length + i));
    if (!good) bad(`expected application ${i} to name a layer and values before it`);
  });
  if (!outputs.every((each) => named(each) && below(each.value, inputs.length + applications.length))) bad('expected outputs with a name and a value');
  if (new Set(outputs.map(({ value }) => value)).size < outputs.length) bad('expected every output once');
  for (const list of [inputs, outputs]) if (new Set(list.map(({ name }) => name)).size < list.length) bad('expected names of inputs and of outputs to differ');
  return { inputs, layers, applications, outputs };
}
