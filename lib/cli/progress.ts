// How a run shows that it goes on: a line for every epoch.
import type { Callback } from '../train/callbacks/callback.ts';
import { measures } from './format.ts';
import { note, type Terminal } from './terminal.ts';

/** A callback that shows the run on the terminal. */
export function progressOf(terminal: Terminal): Callback {
  return {
    onEpoch(record, { epochs }) {
      const validation = record.validation === undefined ? '' : `; validation ${measures(record.validation)}`;
      note(terminal, `epoch ${String(record.epoch).padStart(String(epochs).length)}/${epochs}  ${measures(record)}${validation}`);
    },
  };
}
