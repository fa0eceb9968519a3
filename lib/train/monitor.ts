// What can be watched over the epochs of a run.
import { OptionError } from '../errors.ts';
import type { Outcome } from './schedules/schedule.ts';
import { metrics } from './metrics.ts';

/** The loss and all metrics. */
export const monitors: readonly string[] = ['loss', ...Object.keys(metrics)];

/** A measure of an epoch, on the validation data where there are any, and which way is better. */
export function measured(where: string, record: Outcome, monitor: string): { value: number; higher: boolean } {
  const value = ((record.validation ?? record) as unknown as Record<string, number | undefined>)[monitor];
  if (value === undefined) throw new OptionError(`[${where}] expected 'monitor' to be measured in this run but '${monitor}' is not`);
  return { value, higher: monitor !== 'loss' && metrics[monitor as keyof typeof metrics].better === 'higher' };
}
