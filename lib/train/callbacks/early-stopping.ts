// Early stopping: ends a run that no longer gets better, and brings back the best weights.
import type { Memory } from '../../backend/backend.ts';
import { boolean, checkOptions, nonNegativeNumber, oneOf, positiveInteger } from '../../options.ts';
import { measured, monitors } from '../monitor.ts';
import type { Callback, SavedCallback } from './callback.ts';
import { isCount, isNumber, savedData } from './saved.ts';

/** Options of `earlyStopping`. */
export interface EarlyStoppingOptions {
  /** What is watched, on the validation data where there are any, else on the training data (default `'loss'`). */
  readonly monitor?: string;
  /** Epochs without improvement after which the run ends (default 5). */
  readonly patience?: number;
  /** Least change that counts as an improvement (default 0). */
  readonly minDelta?: number;
  /** Bring back the weights of the best epoch at the end, whatever ended the run (default true). */
  readonly restoreBest?: boolean;
}

const names = ['monitor', 'patience', 'minDelta', 'restoreBest'] as const;

/**
 * Ends the run once the measure has not improved for `patience` epochs, and brings back the weights of the best epoch, also when
 * the run is ended by its last epoch, by a signal or by an error. (Prechelt 1998; the options are Keras's.)
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  checkOptions('earlyStopping', options, names);
  const monitor = oneOf('earlyStopping', 'monitor', options.monitor ?? 'loss', monitors);
  const patience = positiveInteger('earlyStopping', 'patience', options.patience ?? 5);
  const minDelta = nonNegativeNumber('earlyStopping', 'minDelta', options.minDelta ?? 0);
  const restoreBest = boolean('earlyStopping', 'restoreBest', options.restoreBest ?? true);
  let best: { value: number; epoch: number; weights: Memory | undefined } | undefined;
  return {
    name: 'earlyStopping',
    onBegin() {
      best = undefined;
    },
    async onEpoch(record, control) {
      const { value, higher } = measured('earlyStopping', record, monitor);
      const gain = best === undefined ? Infinity : higher ? value - best.value : best.value - value;
      if (gain > minDelta) best = { value, epoch: record.epoch, weights: restoreBest ? await control.snapshot() : undefined };
      else if (record.epoch - best!.epoch >= patience) control.stop(`${monitor} has not improved since epoch ${best!.epoch}`);
    },
    async onEnd(control) {
      const weights = best?.weights;
      best = undefined;
      if (weights !== undefined) await control.restore(weights);
    },
    save(): SavedCallback {
      if (best === undefined) return { data: null, tensors: {} };
      const { value, epoch, weights } = best;
      return { data: { value, epoch }, tensors: weights === undefined ? {} : { weights } };
    },
    resume({ data, tensors }) {
      if (data === null) return;
      const { value, epoch } = savedData<{ value: number; epoch: number }>('earlyStopping', data, { value: isNumber, epoch: isCount });
      best = { value, epoch, weights: tensors['weights'] };
    },
  };
}
