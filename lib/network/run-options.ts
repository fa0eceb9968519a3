// Where a network runs: backend, precision and threads.
import type { Backend } from '../backend/backend.ts';
import { backendChoices, precisions, selectBackend } from '../backend/select.ts';
import { numberIn, oneOf, positiveInteger } from '../options.ts';
import type { NetworkOptions } from './network.ts';

export const runNames = ['backend', 'precision', 'threads'] as const;
/** Where a network runs. */
export type RunOptions = Pick<NetworkOptions, (typeof runNames)[number]>;

/** The backend asked for, with all options of where to run checked. */
export function backendFor(where: string, { backend, precision, threads }: RunOptions): Backend {
  if (backend !== undefined) oneOf(where, 'backend', backend, backendChoices);
  if (precision !== undefined) oneOf(where, 'precision', precision, precisions);
  if (threads !== undefined) numberIn(where, 'threads', positiveInteger(where, 'threads', threads), { from: 1, to: 1024 });
  return selectBackend(backend, precision);
}
