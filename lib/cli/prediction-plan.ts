// Which columns of a table a model reads, which are passed on, and what its outputs become.
import type { Memory } from '../backend/backend.ts';
import { parseDecimal } from '../data/decimal.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import type { Network } from '../network/network.ts';
import { quote, suggestion } from '../options.ts';
import type { Preprocessor } from '../data/preprocess/preprocessor.ts';
import { listOf, type Settings } from './configuration.ts';
import type { TableChoice } from './data.ts';
import { UsageError } from './exit-codes.ts';
import type { LoadedModel } from './model.ts';
import type { CellChunk } from './rows.ts';

/** What becomes of a row. */
export interface PredictionPlan {
  /** Names of the columns of the result. */
  readonly names: readonly string[];
  /** Positions of the columns that the model, or its preprocessor, reads. */
  readonly inputs: readonly number[];
  readonly preprocessor: Preprocessor | undefined;
  readonly kept: readonly number[];
  readonly columnNames: readonly string[];
  /** The cells that the outputs of an example become; `spread`: how far the members of an ensemble are from each other in each. */
  cells(outputs: ArrayLike<number>, spread: ArrayLike<number> | undefined): (string | number)[];
}

/** The position of a column. */
function positionOf(reference: string | number, names: readonly string[], where: string): number {
  if (typeof reference === 'number') {
    const position = reference < 0 ? reference + names.length : reference;
    if (position < 0 || position >= names.length) throw new OptionError(`[${where}] expected one of ${names.length} columns but received ${reference}`);
    return position;
  }
  const position = names.indexOf(reference);
  if (position >= 0) return position;
  const near = suggestion(reference, names), known = names.slice(0, 8).map((name) => quote(name)).join(', ');
  throw new OptionError(`[${where}] unknown column ${quote(reference)}${near === '' ? `; the columns are ${known}${names.length > 8 ? ', …' : ''}` : near}`);
}

/** Whether the outputs are probabilities of classes: of several, of one, or no probabilities at all. */
function activationOf(network: Network): 'softmax' | 'sigmoid' | 'other' {
  const { inputs, layers, outputs: [output, ...others] } = network.describe(), last = layers[output!.value - inputs.length]!.description;
  if (others.length > 0) return 'other';
  if (/\bsoftmax$/.test(last)) return 'softmax';
  return /\bsigmoid$/.test(last) && network.outputs === 1 ? 'sigmoid' : 'other';
}

function best(outputs: ArrayLike<number>): number {
  let found = 0;
  for (let i = 1; i < outputs.length; i++) if (outputs[i]! > outputs[found]!) found = i;
  return found;
}

/** Single-precision numbers in as few digits as tell them apart. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return Number(value.toPrecision(9));
}

/** What the outputs become, with the names of the columns. */
function outputPlan(network: Network, settings: Settings): Pick<PredictionPlan, 'names' | 'cells'> {
  const { columns, outputs } = network, classes = columns?.classes ?? network.preprocessor?.classes ?? null, activation = activationOf(network);
  // Logits and signs have the sides of probabilities.
  const isClasses = activation !== 'other' || (classes !== null && network.describe().outputs.length === 1);
  const nameOf = (label: number): string | number => classes?.[label] ?? label;
  if (settings['raw'] === true || !isClasses) {
    if (settings['probabilities'] === true && !isClasses) throw new UsageError('expected no --probabilities: the model predicts numbers');
    const targets = columns !== undefined && columns.targets.length === outputs ? columns.targets : undefined;
    const names = outputs === 1 ? ['prediction'] : Array.from({ length: outputs }, (_, i) => `prediction_${targets?.[i] ?? i}`);
    if (settings['spread'] !== true) return { names, cells: (values) => Array.from(values, shortest) };
    return { names: [...names, ...names.map((name) => name.replace('prediction', 'spread'))], cells: (values, spread) => [...Array.from(values, shortest), ...Array.from(spread!, shortest)] };
  }
  const labels = outputs === 1 ? 2 : outputs, isWanted = settings['probabilities'] === true;
  if (isWanted && activation === 'other') throw new UsageError('expected no --probabilities: the outputs of the model are none; --raw gives them as they are');
  const half = activation === 'sigmoid' ? 0.5 : 0;
  const isSpread = settings['spread'] === true;
  const cells = (values: ArrayLike<number>, spread: ArrayLike<number> | undefined): (string | number)[] => {
    const label = outputs === 1 ? Number(values[0]! > half) : best(values);
    const probabilities = outputs === 1 ? [shortest(1 - values[0]!), shortest(values[0]!)] : Array.from(values, shortest);
    return [nameOf(label), ...(isWanted ? probabilities : []), ...(isSpread ? [shortest(spread![outputs === 1 ? 0 : label]!)] : [])];
  };
  return { names: ['prediction', ...(isWanted ? Array.from({ length: labels }, (_, i) => `probability_${nameOf(i)}`) : []), ...(isSpread ? ['spread'] : [])], cells };
}

/** Plans the prediction of a table with columns of these names. */
export function planPrediction(network: Network, columnNames: readonly string[], settings: Settings, { columns: chosen }: TableChoice, where: string): PredictionPlan {
  const keep = listOf(settings, 'keep') ?? [], { preprocessor } = network, targets = network.columns?.targets ?? [];
  const kept = keep.includes('*') ? [...columnNames.keys()] : keep.map((name) => positionOf(/^-\d+$/.test(name) ? Number(name) : name, columnNames, where));
  const { names, cells } = outputPlan(network, settings), result = { names: [...kept.map((i) => columnNames[i]!), ...names], kept, columnNames, cells };
  if (preprocessor !== undefined) {
    const known = new Set(preprocessor.columns.map(({ name }) => name));
    return { ...result, preprocessor, inputs: [...columnNames.keys()].filter((i) => known.has(columnNames[i]!)) };
  }
  const inputs = chosen?.map((reference) => positionOf(reference, columnNames, where))
    ?? [...columnNames.keys()].filter((i) => (keep.includes('*') || !kept.includes(i)) && !targets.includes(columnNames[i]!));
  if (inputs.length !== network.inputs) throw new ShapeError(`[${where}] expected ${network.inputs} input columns but there are ${inputs.length}; --columns and --keep say which are which`);
  return { ...result, preprocessor: undefined, inputs };
}

/** A cell as a number in single precision. */
function numberIn(cell: unknown, chunk: CellChunk, row: number, column: string): number {
  const text = cell === undefined || cell === null ? '' : String(cell).trim(), bytes = Buffer.from(text), value = parseDecimal(bytes, 0, bytes.length);
  if (Number.isFinite(value)) return value;
  throw new DataError(`[${chunk.where}] expected a ${text === '' ? 'value but received an empty cell' : `number but received ${quote(text)}`} (${chunk.place(row)}, column ${quote(column)})`);
}

/** The inputs of the network, row by row. */
function inputsOf(chunk: CellChunk, { inputs, columnNames, preprocessor }: PredictionPlan): Float32Array {
  if (preprocessor !== undefined) return preprocessor.transformChunk({ ...chunk, names: inputs.map((i) => columnNames[i]!), rows: chunk.rows.map((row) => inputs.map((i) => row[i])) });
  const x = new Float32Array(chunk.rows.length * inputs.length);
  chunk.rows.forEach((row, r) => inputs.forEach((column, i) => { x[r * inputs.length + i] = numberIn(row[column], chunk, r, columnNames[column]!); }));
  return x;
}

/** The cells of the results of some rows. */
export async function predictChunk(model: LoadedModel, plan: PredictionPlan, chunk: CellChunk): Promise<unknown[][]> {
  const prediction = await model.predict(inputsOf(chunk, plan)), { outputs } = model.network, spread = 'spread' in prediction ? prediction.spread : undefined;
  const part = (data: Memory, row: number): Memory => data.subarray(row * outputs, (row + 1) * outputs);
  return chunk.rows.map((row, r) => [...plan.kept.map((i) => row[i]), ...plan.cells(part(prediction.data, r), spread && part(spread, r))]);
}
