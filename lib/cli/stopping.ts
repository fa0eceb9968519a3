// What an interruption does to a run of training: a checkpoint where there is a folder for them, then the end.
import { writeCheckpoint } from '../train/checkpoint/files.ts';
import type { Callback } from '../train/callbacks/callback.ts';

/** Checkpoints that are kept, as by `checkpoint`. */
const kept = 2;

/** A run that can be stopped: its signal aborts once the checkpoint is written, or at once where there is no folder. */
export class StoppableRun {
  /** Where the checkpoint of the interruption is. */
  checkpoint: string | undefined;
  /** Why there is none, where one was to be written. */
  problem: string | undefined;
  /** Epochs that are done. */
  epochs = 0;
  private readonly controller = new AbortController();
  private readonly folder: string | undefined;
  private readonly interrupted: AbortSignal;

  constructor(interrupted: AbortSignal, folder: string | undefined) {
    this.interrupted = interrupted;
    this.folder = folder;
    if (folder === undefined) interrupted.addEventListener('abort', () => this.controller.abort(), { once: true });
  }

  /** Ends the run. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The run's participant that writes the checkpoint: the state of a run can be had only in its pauses. */
  get callback(): Callback {
    return {
      onEpoch: ({ epoch }) => { this.epochs = epoch; },
      onPause: async ({ epoch, step, stepsPerEpoch, epochs, resumable }, control) => {
        this.epochs = epoch;
        if (!this.interrupted.aborted || this.folder === undefined || this.signal.aborted || epoch === epochs) return;
        try {
          if (!resumable) throw new Error('an epoch of a stream is gone on with from its beginning alone');
          this.checkpoint = await writeCheckpoint(this.folder, epoch * stepsPerEpoch + step, await control.capture(), kept);
        } catch (error) {
          this.problem = (error as Error).message;
        }
        this.controller.abort();
      },
    };
  }
}
