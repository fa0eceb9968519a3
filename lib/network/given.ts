// What users give a network: one table, or tables by the names of its inputs or outputs, as rows.
import { matrix, type MatrixLike } from '../data/columns.ts';
import { Dataset } from '../data/dataset.ts';
import type { Preprocessor } from '../data/preprocess/preprocessor.ts';
import { isNamed, joinTables, type Part, type Tables } from '../data/parts.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import { describe, quote } from '../options.ts';
import type { Memory } from '../backend/backend.ts';
import type { Arrangement, Table } from './arrangement.ts';
import type { Architecture } from './architecture.ts';

/** Examples with targets, as a data set or as arrays; weights say how much each example counts. */
export type TrainingData = Dataset | { readonly x: Tables; readonly y: Tables; readonly weights?: MatrixLike };

const listed = (names: readonly string[]): string => names.map((name) => quote(name)).join(', ');

/** Inputs side by side where they are given by name. */
export function joined<Whole extends MatrixLike | Table>(x: Whole | Readonly<Record<string, MatrixLike>>, parts: readonly Part[], where: string): Whole | MatrixLike {
  if (!isNamed(x as Tables) || 'data' in (x as object)) return x as Whole;
  return joinTables(x as Readonly<Record<string, MatrixLike>>, parts, where).table.data;
}

/** Rows as they were before they became numbers: objects with a value for each column. */
export type RawRows = readonly Readonly<Record<string, unknown>>[];

/** Inputs as rows of numbers; raw rows go through the preprocessor. */
export function inputRows(x: Tables | RawRows, parts: readonly Part[], preprocessor: Preprocessor | undefined, where: string): MatrixLike {
  const first: unknown = Array.isArray(x) ? x[0] : undefined;
  if (typeof first !== 'object' || first === null || Array.isArray(first) || ArrayBuffer.isView(first)) return joined(x as MatrixLike, parts, where);
  if (preprocessor === undefined) throw new OptionError(`[${where}] expected rows of numbers, for the network has no preprocessor that could turn ${describe(first)} into them`);
  return preprocessor.transformRows(x as RawRows).data;
}

/** The parts of a network's input. */
export function inputParts({ inputs }: Architecture): Part[] {
  return inputs.map(({ name, features }) => ({ name, width: features }));
}

/** Training data as a data set that fits the architecture's inputs. */
export function datasetOf(where: string, data: TrainingData, architecture: Architecture): Dataset {
  if (typeof data !== 'object' || data === null) throw new DataError(`[${where}] expected a Dataset or { x, y } but received ${describe(data)}`);
  const parts = inputParts(architecture), width = parts.reduce((so, part) => so + part.width, 0);
  const set = data instanceof Dataset ? data : fromArrays(where, data, architecture, parts, width);
  if (set.inputs.width !== width) throw new ShapeError(`[${where}] expected ${width} features but the data have ${set.inputs.width}`);
  const names = set.inputParts?.map(({ name }) => name);
  if (names !== undefined && names.join() !== parts.map(({ name }) => name).join()) throw new ShapeError(`[${where}] expected inputs ${listed(parts.map(({ name }) => name))} but the data have ${listed(names)}`);
  return set.held(where);
}

function fromArrays(where: string, { x, y, weights }: Exclude<TrainingData, Dataset>, { outputs }: Architecture, parts: readonly Part[], width: number): Dataset {
  const named = isNamed(y) ? joinTables(y, outputs.map(({ name }) => ({ name, width: null })), `${where} 'y'`) : undefined;
  const whole = joined(x as MatrixLike, parts, `${where} 'x'`);
  const set = Dataset.from({ x: whole, y: named?.table.data ?? (y as MatrixLike), width, ...(named && { targetWidth: named.table.width }), ...(weights !== undefined && { weights }) });
  return named === undefined ? set : new Dataset({ ...set, targetParts: named.parts });
}

/** Target columns of each output. */
export function targetWidths(where: string, { targets, targetParts }: Pick<Dataset, 'targets' | 'targetParts'>, names: readonly string[]): number[] {
  if (names.length === 1) return [targets.width];
  if (targetParts?.map(({ name }) => name).join() !== names.join()) throw new OptionError(`[${where}] expected targets by the names of the outputs, ${listed(names)}`);
  return targetParts.map(({ width }) => width);
}

/** Targets as rows, whatever their arrangement, with the columns of each output. */
export function targetTable(y: Tables, names: readonly string[], arrangement: Arrangement, where: string): { table: Table; widths: number[] } {
  if (isNamed(y)) {
    const { table, parts } = joinTables(y, names.map((name) => ({ name, width: null })), where);
    return { table: { shape: [table.rows, table.width], data: table.data }, widths: parts.map(({ width }) => width) };
  }
  if (names.length > 1) throw new OptionError(`[${where}] expected targets by the names of the outputs, ${listed(names)}`);
  const isNested = Array.isArray(y) && typeof y[0] !== 'number';
  const { data, width, rows } = matrix(y, arrangement === 'vector' && !isNested ? (y as ArrayLike<number>).length : null, where, 'targets');
  if (arrangement !== 'columns' || !isNested) return { table: { shape: [rows, width], data }, widths: [width] };
  const turned: Memory = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) turned[j * rows + i] = data[i * width + j]!;
  return { table: { shape: [width, rows], data: turned }, widths: [rows] };
}
