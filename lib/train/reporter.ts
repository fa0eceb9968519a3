// What every run of training tells: a record of each epoch, to the callbacks and for the history.
import type { Memory } from '../backend/backend.ts';
import type { Callback, Progress, RunCapture, RunControl, RunNetwork, SavedCallback } from './callbacks/callback.ts';
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
  /** The network and its tensors by name, for callbacks that write them down. */
  readonly network: RunNetwork;
  tensors(): RunCapture['tensors'];
  /** The state of the whole run, where it can be taken up again. */
  capture?(): RunCapture;
}

export class Reporter {
  /** Whether anybody wants to know of steps within an epoch. */
  readonly listens: boolean;
  /** Whether there is anybody to tell. */
  readonly isHeard: boolean;
  readonly records: EpochRecord[] = [];
  private readonly callbacks: readonly Callback[];
  private readonly control: RunControl;
  private reason: string | undefined;

  constructor({ epochs, callbacks, exclusive, snapshot, restore, network, tensors, capture }: ReportedRun) {
    this.callbacks = callbacks;
    this.isHeard = callbacks.length > 0;
    this.listens = callbacks.some(({ onPause }) => onPause !== undefined);
    this.control = {
      epochs, records: this.records, network, resumable: capture !== undefined,
      stop: (reason) => { this.reason = reason; },
      snapshot: () => exclusive(async () => snapshot()),
      restore: (weights) => exclusive(async () => restore(weights)),
      tensors: () => exclusive(async () => tensors()),
      capture: () => exclusive(async () => capture!()),
    };
  }

  /** Why a callback wants the run to end, or undefined. */
  get stopped(): string | undefined {
    return this.reason;
  }

  /** Does `work`, which reports its epochs, between the beginning and the end of the callbacks. */
  async around(work: () => Promise<void>, resumed?: { readonly records: readonly EpochRecord[]; readonly callbacks: Readonly<Record<string, SavedCallback>>; readonly stopped?: string | undefined }): Promise<void> {
    try {
      for (const record of resumed?.records ?? []) this.records.push(record);
      for (const callback of this.callbacks) await callback.onBegin?.(this.control);
      if (resumed !== undefined) {
        this.reason = resumed.stopped;
        for (const [key, callback] of this.keyed()) if (resumed.callbacks[key] !== undefined) callback.resume?.(resumed.callbacks[key]);
      }
      await work();
    } finally {
      for (const callback of this.callbacks) await callback.onEnd?.(this.control);
    }
  }

  async report(record: EpochRecord): Promise<void> {
    this.records.push(record);
    for (const callback of this.callbacks) await callback.onEpoch?.(record, this.control);
  }

  async pause(progress: Progress): Promise<void> {
    for (const callback of this.callbacks) await callback.onPause?.(progress, this.control);
  }

  /** What the callbacks keep, by name and number. */
  saved(): Record<string, SavedCallback> {
    return Object.fromEntries(this.keyed().flatMap(([key, callback]) => (callback.save === undefined ? [] : [[key, callback.save()]])));
  }

  private keyed(): [key: string, callback: Callback][] {
    const counts = new Map<string, number>();
    return this.callbacks.flatMap((callback): [string, Callback][] => {
      if (callback.name === undefined) return [];
      const count = (counts.get(callback.name) ?? 0) + 1;
      counts.set(callback.name, count);
      return [[`${callback.name}${count}`, callback]];
    });
  }
}
