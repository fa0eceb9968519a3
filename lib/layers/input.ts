// The input of a network in functional form.
import { positiveInteger } from '../options.ts';
import { SymbolicTensor } from './layer.ts';

/** A value to apply layers to: rows of `features` numbers. */
export function input(features: number): SymbolicTensor {
  return new SymbolicTensor(undefined, [], positiveInteger('input', 'features', features));
}
