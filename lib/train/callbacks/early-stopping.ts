// Early stopping: ends a run that no longer gets better, and brings back the best weights.
import type { Memory } from '../../backend/backend.ts';
import { OptionError } from '../../errors.ts';
import { boolean, checkOptions, nonNegativeNumber, oneOf, positiveInteger } from '../../options.ts';
import type { EpochRecord } from '../history.ts';
import { metrics } from '../metrics.ts';
import type { Callback } from './callback.ts';

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
  const monitor = oneOf('earlyStopping', 'monitor', options.monitor ?? 'loss', ['loss', ...Object.keys(metrics)]);
  const patience = positiveInteger('earlyStopping', 'patience', options.patience ?? 5);
  const minDelta = nonNegativeNumber('earlyStopping', 'minDelta', options.minDelta ?? 0);
  const restoreBest = boolean('earlyStopping', 'restoreBest', options.restoreBest ?? true);
  const isBetterHigh = monitor !== 'loss' && metrics[monitor as keyof typeof metrics].better === 'higher';
  let best: { value: number; epoch: number; weights: Memory | undefined } | undefined;
  return {
    onBegin() {
      best = undefined;
    },
    async onEpoch(record, control) {
      const value = measured(record, monitor);
      const gain = best === undefined ? Infinity : isBetterHigh ? value - best.value : best.value - value;
      if (gain > minDelta) best = { value, epoch: record.epoch, weights: restoreBest ? await control.snapshot() : undefined };
      else if (record.epoch - best!.epoch >= patience) control.stop(`${monitor} has not improved since epoch ${best!.epoch}`);
    },
    async onEnd(control) {
      const weights = best?.weights;
      best = undefined;
      if (weights !== undefined) await control.restore(weights);
    },
  };
}

function measured(record: EpochRecord, monitor: string): number {
  const value = ((record.validation ?? record) as unknown as Record<string, number | undefined>)[monitor];
  if (value === undefined) throw new OptionError(`[earlyStopping] expected 'monitor' to be measured in this run but '${monitor}' is not`);
  return value;
}
