// Memory of users that threads read.
import { types } from 'node:util';
import { markAsUntransferable } from 'node:worker_threads';
import type { Columns } from './columns.ts';

/** Whether an array's memory may shrink. */
const mayShrink = ({ buffer }: { readonly buffer: ArrayBufferLike & { readonly resizable?: boolean } }): boolean => !types.isSharedArrayBuffer(buffer) && buffer.resizable === true;

/**
 * An array whose memory stays while threads read it: it can no longer be transferred to another thread, and one that may shrink is
 * copied. Memory that is shared cannot be taken away.
 */
export function held<Values extends Columns['data']>(values: Values): Values {
  if (mayShrink(values)) return values.slice() as Values;
  if (!types.isSharedArrayBuffer(values.buffer)) markAsUntransferable(values.buffer);
  return values;
}
