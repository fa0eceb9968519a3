// A model as one safetensors file: tensors by name, and the configuration in its metadata.
import { ModelFormatError, OptionError, ShapeError } from '../errors.ts';
import { formatShape, sameShape } from '../graph/shape.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { encodeSafetensors, readSafetensors } from '../io/safetensors.ts';
import { quote } from '../options.ts';
import type { LayerSpec } from '../layers/layer.ts';
import type { InitialValues } from './model.ts';
import type { NamedTensor } from './network.ts';

/** Version of the configuration in the metadata; files of another one are refused. */
const formatVersion = 1;

/** What a model file says besides its tensors. */
export interface Configuration {
  readonly inputs: number;
  readonly seed: number;
  readonly layers: readonly LayerSpec[];
}

/** First values from the tensors of a file; throws where one is missing or has another shape. */
export function storedValues(tensors: readonly NamedTensor[]): InitialValues {
  const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return (name, { shape }) => {
    const found = stored.get(name);
    if (found === undefined) throw new OptionError(`[load] no values for '${name}'`);
    if (!sameShape(found.shape, shape)) throw new ShapeError(`[load] expected shape ${formatShape(shape)} for '${name}' but found ${formatShape(found.shape)}`);
    return Float64Array.from(found.data);
  };
}

export async function saveNetwork(path: string, configuration: Configuration, tensors: readonly NamedTensor[], steps: number): Promise<void> {
  const metadata = { densely: JSON.stringify({ version: formatVersion, ...configuration, steps }) };
  await writeFileAtomic(path, encodeSafetensors(tensors.map(({ name, shape, data }) => ({ name, shape, data })), metadata));
}

/** Where errors about a file happen: its whole path, whatever its length. */
export function loading(path: string): string {
  return `load ${quote(path, Infinity)}`;
}

export async function loadNetwork(path: string): Promise<{ configuration: Configuration; tensors: NamedTensor[]; steps: number }> {
  const { tensors, metadata } = await readSafetensors(path, loading(path));
  const bad = (what: string, cause?: unknown): never => {
    throw new ModelFormatError(`[${loading(path)}] ${what}`, cause === undefined ? undefined : { cause });
  };
  const text = metadata['densely'];
  if (text === undefined) return bad("expected a model of this library but the file's metadata has no 'densely' entry");
  let parsed: { version?: unknown; steps?: number } & Partial<Configuration>;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    return bad('expected the configuration to be JSON', error);
  }
  if (typeof parsed !== 'object' || parsed === null || !Number.isSafeInteger(parsed.version)) return bad('the configuration has no version');
  if (Number(parsed.version) !== formatVersion) return bad(`the file has format version ${Number(parsed.version)} but this release reads version ${formatVersion}`);
  const { inputs, seed, layers, steps } = parsed;
  if (!Number.isSafeInteger(inputs) || !Number.isSafeInteger(seed) || !Number.isSafeInteger(steps) || steps! < 0 || !Array.isArray(layers)) {
    return bad('the configuration lacks inputs, seed, steps or layers');
  }
  const named = [...tensors].map(([name, { shape, data }]): NamedTensor => {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) return bad(`tensor ${quote(name)} is not of single or double precision`);
    return { name, shape, data };
  });
  return { configuration: { inputs: inputs!, seed: seed!, layers }, tensors: named, steps: steps! };
}
