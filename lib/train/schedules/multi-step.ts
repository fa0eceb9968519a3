// The learning rate in stairs at given times.
import { checkOptions, invalid, nonNegativeNumber, positiveInteger } from '../../options.ts';
import { checkPer, timeOf, type Per } from './clock.ts';
import type { ScheduleSpec, ScheduleType } from './schedule.ts';

/** Options of `multiStep`. */
export interface MultiStepOptions {
  /** The learning rate at the beginning. */
  readonly rate: number;
  /** Epochs or steps after which the rate is reduced, in ascending order. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by (default 0.1). */
  readonly factor?: number;
  /** Default `'epoch'`. */
  readonly per?: Per;
}

function checkMilestones(value: unknown): number[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid('multiStep', 'milestones', 'an array of positive integers', value);
  const milestones = value.map((each, i) => positiveInteger('multiStep', `milestones[${i}]`, each));
  const late = milestones.findIndex((each, i) => i > 0 && each < milestones[i - 1]!);
  if (late >= 0) throw invalid('multiStep', `milestones[${late}]`, `at least ${milestones[late - 1]!}, since milestones ascend,`, milestones[late]);
  return milestones;
}

export const multiStepType: ScheduleType = {
  type: 'multiStep',
  doc: 'ε = rate · factor^n with n the milestones reached (PyTorch\'s MultiStepLR)',
  check(options) {
    checkOptions('multiStep', options, ['rate', 'milestones', 'factor', 'per']);
    return {
      type: 'multiStep',
      options: {
        rate: nonNegativeNumber('multiStep', 'rate', options['rate']),
        milestones: checkMilestones(options['milestones']),
        factor: nonNegativeNumber('multiStep', 'factor', options['factor'] ?? 0.1),
        per: checkPer('multiStep', options['per'] ?? 'epoch'),
      },
    };
  },
  start: (options) => ({
    rate(moment) {
      const t = timeOf(options, moment), reached = (options['milestones'] as number[]).filter((milestone) => milestone <= t).length;
      return Number(options['rate']) * Number(options['factor']) ** reached;
    },
  }),
};

/** The learning rate multiplied by a factor at every milestone, as PyTorch's MultiStepLR. */
export function multiStep(options: MultiStepOptions): ScheduleSpec {
  return multiStepType.check({ ...options });
}
