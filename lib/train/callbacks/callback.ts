// What takes part in a run of training: told of every epoch, able to stop it and to bring back weights.
import type { Memory } from '../../backend/backend.ts';
import type { EpochRecord } from '../history.ts';

/** What a callback can do with the run it takes part in. */
export interface RunControl {
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Ends the run after this epoch; the reason is told in the history. */
  stop(reason: string): void;
  /** The network's tensors as they are now. */
  snapshot(): Promise<Memory>;
  /** Brings back tensors that `snapshot` gave. */
  restore(snapshot: Memory): Promise<void>;
}

/** A participant of a run. The functions are awaited, one callback after the other; the network may be used in them. */
export interface Callback {
  /** Before the first step. */
  onBegin?(control: RunControl): void | Promise<void>;
  /** After every epoch. */
  onEpoch?(record: EpochRecord, control: RunControl): void | Promise<void>;
  /** After the last step, whatever ended the run: its last epoch, a callback, the signal or an error. */
  onEnd?(control: RunControl): void | Promise<void>;
}
