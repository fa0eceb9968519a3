// Checks of targets against a loss, before anything runs.
import type { Dataset } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import type { TargetKind } from './losses/loss.ts';

/** Throws a DataError that names row and value where a target is out of range. */
export function checkTargets(where: string, data: Dataset, { kind, classes, width }: TargetKind): void {
  if (kind === 'numbers') return;
  const { data: raw, scale, shift } = data.targets;
  for (let position = 0; position < data.length; position++) {
    const row = data.index === null ? position : data.index[position]!;
    for (let column = 0; column < width; column++) {
      const value = raw[row * width + column]! * scale + shift;
      if (kind === 'labels' && !(Number.isInteger(value) && value >= 0 && value < classes)) {
        throw new DataError(`[${where}] expected labels to be whole numbers from 0 to ${classes - 1} but received ${value} (row ${position})`);
      }
      if (kind === 'probabilities' && !(value >= 0 && value <= 1)) {
        throw new DataError(`[${where}] expected targets from 0 to 1 but received ${value} (row ${position}, column ${column})`);
      }
    }
  }
}
