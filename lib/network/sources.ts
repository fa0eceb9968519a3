// What a program reads of a data set: inputs and targets where they lie.
import { types } from 'node:util';
import { markAsUntransferable } from 'node:worker_threads';
import type { SourceBinding } from '../backend/backend.ts';
import type { Program } from '../compile/program.ts';
import type { Columns, Dataset } from '../data/dataset.ts';
import { internal } from '../errors.ts';

/**
 * An array whose memory stays while threads read it: it can no longer be transferred to another thread, and one that may shrink is
 * copied. Nothing takes memory away that is shared.
 */
export function held<Values extends Columns['data']>(values: Values): Values {
  const buffer = values.buffer as ArrayBufferLike & { readonly resizable?: boolean };
  if (types.isSharedArrayBuffer(buffer)) return values;
  if (buffer.resizable === true) return values.slice() as Values;
  markAsUntransferable(buffer);
  return values;
}

function binding({ data, width, scale, shift }: Columns): SourceBinding {
  return { array: held(data), width, scale, shift };
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
