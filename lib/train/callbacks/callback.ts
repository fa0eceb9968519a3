// What takes part in a run of training: told of every epoch, able to stop it, to bring back weights and to keep its state.
import type { Memory } from '../../backend/backend.ts';
import type { EpochRecord, Evaluation } from '../history.ts';

/** Where a run is. */
export interface Progress {
  /** Epochs finished. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of the epoch at hand that are done; 0 right after an epoch. */
  readonly step: number;
  /** NaN where nobody knows it yet. */
  readonly stepsPerEpoch: number;
  /** Mean loss over those steps, NaN before the first. */
  readonly loss: number;
  /** Means of loss and metrics over those steps; undefined before the first. */
  readonly measures?: Evaluation | undefined;
  /** Whether the run can be taken up again from here: `control.capture()` gives its state. */
  readonly resumable: boolean;
  /** Examples of the run so far. */
  readonly examples: number;
  /** Time of the training itself so far, in seconds. */
  readonly seconds: number;
}

/** Everything that a run can go on from: plain data and tensors by name. */
export interface RunCapture {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: Memory }[];
}

/** What a callback keeps for a run that goes on later. */
export interface SavedCallback {
  /** Plain data. */
  readonly data: unknown;
  readonly tensors: Readonly<Record<string, Memory>>;
}

/** How the layers of the network in training hang together. Values are counted: the inputs first, then what each layer makes. */
export interface RunNetwork {
  readonly inputs: readonly { readonly name: string; readonly features: number }[];
  readonly layers: readonly { readonly name: string; readonly type: string; readonly description: string; readonly outputs: number; readonly parameters: number; readonly reads: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly value: number }[];
}

/** What a callback can do with the run it takes part in. */
export interface RunControl {
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** What the epochs so far told: in `onBegin` of a run that goes on with an earlier one, those before its checkpoint. */
  readonly records: readonly EpochRecord[];
  /** The network that is trained. */
  readonly network: RunNetwork;
  /** Its tensors by name, as copies. */
  tensors(): Promise<RunCapture['tensors']>;
  /** Ends the run after this epoch; the reason is told in the history. */
  stop(reason: string): void;
  /** The network's tensors as they are now. */
  snapshot(): Promise<Memory>;
  /** Brings back tensors that `snapshot` gave. */
  restore(snapshot: Memory): Promise<void>;
  /** Whether the run can be taken up again from its state. */
  readonly resumable: boolean;
  /** The state of the whole run; only in `onPause`, and only where the progress is `resumable`. */
  capture(): Promise<RunCapture>;
}

/** A participant of a run. The functions are awaited, one callback after the other; the network may be used in them. */
export interface Callback {
  /** What it is called in checkpoints; needed with `save`. */
  readonly name?: string;
  /** Before the first step. */
  onBegin?(control: RunControl): void | Promise<void>;
  /** After every epoch. */
  onEpoch?(record: EpochRecord, control: RunControl): void | Promise<void>;
  /** After every epoch, once all callbacks have seen it, and between runs of some steps (tens of milliseconds) within it. */
  onPause?(progress: Progress, control: RunControl): void | Promise<void>;
  /** After the last step, whatever ended the run: its last epoch, a callback, the signal or an error. */
  onEnd?(control: RunControl): void | Promise<void>;
  /** What a checkpoint has to keep of it. */
  save?(): SavedCallback;
  /** Takes up what `save` gave, after `onBegin`. */
  resume?(saved: SavedCallback): void;
}
