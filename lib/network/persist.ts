// A model as one safetensors file: tensors by name, and the configuration in its metadata.
import type { PreprocessorJson } from '../data/preprocess/json.ts';
import { ModelFormatError } from '../errors.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { encodeSafetensors, type Safetensors } from '../io/safetensors.ts';
import { longestPart, parseNested } from '../io/json-keys.ts';
import { checkSum, sumEntry, withSum } from '../io/safetensors-sum.ts';
import { quote } from '../options.ts';
import { mostParts, type Configuration } from './architecture.ts';
import { runPrefix } from './resume.ts';
import type { NamedTensor } from './tensors.ts';

/** Version of the configuration in the metadata; files of another one are refused. */
const formatVersion = 1;

/** Lists and objects within each other in a description; what options of layers of one's own hold may lie deep. */
const deepestDescription = 256;

/** What the columns of the data that a network was trained on are called, for whoever serves it. */
export interface ColumnNames {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  /** Names of the classes that outputs 0, 1, … stand for; null where there are none. */
  readonly classes: readonly string[] | null;
}

/** What a model file says besides its tensors. */
export interface Description extends Configuration {
  readonly columns?: ColumnNames;
  /** What turns raw rows into inputs. */
  readonly preprocessor?: PreprocessorJson;
  readonly seed: number;
  /** Minibatches the network was trained on. */
  readonly steps: number;
  /** Whether layers that measure the training data have done so. */
  readonly adapted: boolean;
}

/** What a file says of a network in its metadata: also that there is a sum, so that one that was lost is missed. */
export function describeNetwork(description: Description): Record<string, string> {
  return { densely: JSON.stringify({ version: formatVersion, sum: sumEntry, ...description }) };
}

export async function saveNetwork(path: string, description: Description, tensors: readonly NamedTensor[]): Promise<void> {
  const plain = tensors.map(({ name, shape, data }) => ({ name, shape, data }));
  await writeFileAtomic(path, encodeSafetensors(plain, await withSum(plain, describeNetwork(description))));
}

/** Where errors about a file happen: its whole path, whatever its length. */
export function loading(path: string): string {
  return `load ${quote(path, Infinity)}`;
}

/** What a model file holds, as its tensors and metadata say. Throws a ModelFormatError, whose sentence begins with `where`, on what is no model. */
export async function networkIn(file: Safetensors, where: string): Promise<{ description: Description; tensors: NamedTensor[] }> {
  const { tensors, metadata } = file;
  const bad = (what: string, cause?: unknown): never => {
    throw new ModelFormatError(`[${where}] ${what}`, cause === undefined ? undefined : { cause });
  };
  // Files that other programs have written need not hold a sum.
  if (metadata[sumEntry] !== undefined) await checkSum(file, where);
  const text = metadata['densely'];
  if (text === undefined) return bad("expected a model of this library but the file's metadata has no 'densely' entry");
  // Before it is parsed: a layer takes more memory than its text.
  const longest = longestPart(text);
  if (longest > mostParts) return bad(`expected at most ${mostParts} inputs, layers, applications and outputs but there are ${longest}`);
  let parsed: { version?: unknown; sum?: unknown } & Partial<Description>;
  try {
    parsed = parseNested(text, deepestDescription) as typeof parsed;
  } catch (error) {
    return bad('expected the configuration to be JSON', error);
  }
  if (typeof parsed !== 'object' || parsed === null || !Number.isSafeInteger(parsed.version)) return bad('the configuration has no version');
  if (Number(parsed.version) !== formatVersion) return bad(`the file has format version ${Number(parsed.version)} but this release reads version ${formatVersion}`);
  if (parsed.sum !== undefined && metadata[sumEntry] === undefined) return bad(`expected a metadata entry '${sumEntry}' with the sum over the contents, of which the configuration tells, but there is none`);
  const { inputs, seed, layers, steps, adapted, applications, outputs, columns, preprocessor } = parsed;
  if (inputs === undefined || !Number.isSafeInteger(seed) || !Number.isSafeInteger(steps) || steps! < 0 || !Array.isArray(layers) || typeof adapted !== 'boolean') {
    return bad('the configuration lacks inputs, seed, steps, adapted or layers');
  }
  if (columns !== undefined && !areColumnNames(columns)) return bad('the names of the columns are not lists of texts');
  // A checkpoint is a model with the state of a run beside it.
  const named = [...tensors].filter(([name]) => !name.startsWith(runPrefix)).map(([name, { shape, data }]): NamedTensor => {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) return bad(`tensor ${quote(name)} is not of single or double precision`);
    return { name, shape, data };
  });
  return { description: { inputs, layers, seed: seed!, steps: steps!, adapted, ...(applications && { applications }), ...(outputs && { outputs }), ...(columns && { columns }), ...(preprocessor && { preprocessor }) }, tensors: named };
}

/** Whether something is what a model remembers of its columns. */
export function areColumnNames(value: unknown): value is ColumnNames {
  const isList = (list: unknown): boolean => Array.isArray(list) && list.every((name) => typeof name === 'string');
  const { inputs, targets, classes } = (value ?? {}) as Partial<ColumnNames>;
  return isList(inputs) && isList(targets) && (classes === null || isList(classes));
}
