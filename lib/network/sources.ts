// What a program reads of a data set: inputs and targets where they lie.
import type { SourceBinding } from '../backend/backend.ts';
import type { Program } from '../compile/program.ts';
import type { Columns, Dataset } from '../data/dataset.ts';
import { internal } from '../errors.ts';

function binding({ data, width, scale, shift }: Columns): SourceBinding {
  return { array: data, width, scale, shift };
}

/** Sources of a program whose inputs are `x`, `targets` and `weights`. */
export function bindSources(program: Program, data: Dataset): SourceBinding[] {
  return program.sources.map(({ name }) => {
    if (name === 'x') return binding(data.inputs);
    if (name === 'targets') return binding(data.targets);
    if (name === 'weights' && data.weights !== null) return binding(data.weights);
    throw internal(`nothing to feed to '${name}'`);
  });
}
