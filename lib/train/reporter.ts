// What every run of training tells: a record of each epoch, to the callbacks and for the history.
import type { Memory } from '../backend/backend.ts';
import type { Callback, RunControl } from './callbacks/callback.ts';
import type { EpochRecord } from './history.ts';

/** What the reporter needs of a run. */
export interface ReportedRun {
  readonly epochs: number;
  readonly callbacks: readonly Callback[];
  /** Runs `work` while nobody else uses the network's memory. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** The network's tensors, for callbacks: as they are, and put back. */
  snapshot(): Memory;
  restore(snapshot: Memory): void;
}

export class Reporter {
  readonly records: EpochRecord[] = [];
  private readonly callbacks: readonly Callback[];
  private readonly control: RunControl;
  private reason: string | undefined;

  constructor({ epochs, callbacks, exclusive, snapshot, restore }: ReportedRun) {
    this.callbacks = callbacks;
    this.control = {
      epochs,
      stop: (reason) => { this.reason = reason; },
      snapshot: () => exclusive(async () => snapshot()),
      restore: (weights) => exclusive(async () => restore(weights)),
    };
  }

  /** Why a callback wants the run to end, or undefined. */
  get stopped(): string | undefined {
    return this.reason;
  }

  /** Does `work`, which reports its epochs, between the beginning and the end of the callbacks. */
  async around(work: () => Promise<void>): Promise<void> {
    try {
      for (const callback of this.callbacks) await callback.onBegin?.(this.control);
      await work();
    } finally {
      for (const callback of this.callbacks) await callback.onEnd?.(this.control);
    }
  }

  async report(record: EpochRecord): Promise<void> {
    this.records.push(record);
    for (const callback of this.callbacks) await callback.onEpoch?.(record, this.control);
  }
}
