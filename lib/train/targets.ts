// Checks of targets against a loss, before anything runs.
import type { Columns } from '../data/dataset.ts';
import { DataError, ShapeError } from '../errors.ts';
import type { TargetKind } from './losses/loss.ts';

/**
 * Checks the target columns from `first` on of the rows in `index` (null = all).
 * @throws {ShapeError} Where they are not as wide as the loss reads them.
 * @throws {DataError} Naming row and value where one is out of range.
 */
export function checkTargets(where: string, targets: Columns, index: Int32Array | null, { kind, classes, width }: TargetKind, part: { first: number; width: number } = { first: 0, width: targets.width }): void {
  if (part.width !== width) throw new ShapeError(`[${where}] expected targets of ${width} numbers but received ${part.width}`);
  if (kind === 'numbers') return;
  const { data: raw, scale, shift } = targets;
  const rows = index?.length ?? raw.length / targets.width;
  for (let position = 0; position < rows; position++) {
    const row = index === null ? position : index[position]!;
    for (let column = 0; column < width; column++) {
      const value = raw[row * targets.width + part.first + column]! * scale + shift;
      if (kind === 'labels' && !(Number.isInteger(value) && value >= 0 && value < classes)) {
        throw new DataError(`[${where}] expected labels to be whole numbers from 0 to ${classes - 1} but received ${value} (row ${position})`);
      }
      if (kind === 'probabilities' && !(value >= 0 && value <= 1)) {
        throw new DataError(`[${where}] expected targets from 0 to 1 but received ${value} (row ${position}, column ${column})`);
      }
      if (kind === 'signs' && value !== 1 && value !== 0 && value !== -1) {
        throw new DataError(`[${where}] expected targets of -1 and 1, or of 0 and 1, but received ${value} (row ${position}, column ${column})`);
      }
      if (kind === 'counts' && !(value >= 0)) {
        throw new DataError(`[${where}] expected targets that are not negative but received ${value} (row ${position}, column ${column})`);
      }
    }
  }
}
