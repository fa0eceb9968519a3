// A contestant's best settings for a case: all of them briefly, the fastest few once more and longer.

import type { ChosenSettings, Launch } from '../contestant.ts';
import type { Command } from '../launch.ts';
import type { Settings, TrialRequest, TriedSettings } from '../trial-types.ts';

export interface Choice {
  readonly request: TrialRequest;
  readonly launch: Launch;
  readonly command: (request: TrialRequest) => Command;
  /** Settings that need a process of their own, such as those that a library reads as it loads. */
  readonly ofProcess: readonly Settings[];
  /** Settings that can be tried one after another in one process. Without them the short look is a short trial. */
  readonly inProcess?: readonly Settings[];
  /** How many of the fastest are measured a second time: a short look errs by more than the best few differ by. */
  readonly finalists: number;
}

export async function chooseBest({ request, launch, command, ofProcess, inProcess, finalists }: Choice): Promise<ChosenSettings> {
  const tried: TriedSettings[] = [], seconds = request.seconds / 4;
  for (const settings of ofProcess) {
    if (inProcess === undefined) {
      const { value = Infinity, others } = await launch(command({ ...request, seconds, settings }));
      tried.push(attempt(settings, value, others));
    } else {
      const { variants = [] } = await launch(command({ ...request, mode: 'calibrate', seconds, settings, variants: inProcess }));
      for (const variant of variants) tried.push({ ...variant, settings: { ...settings, ...variant.settings } });
    }
  }
  if (tried.length === 0) throw new Error('none of its settings could be run');
  tried.sort((a, b) => a.value - b.value);
  for (const { settings } of tried.splice(0, finalists)) {
    const { value = Infinity, others } = await launch(command({ ...request, settings }));
    tried.push({ ...attempt(settings, value, others), finalist: true });
  }
  const best = tried.filter(({ finalist }) => finalists === 0 || finalist).reduce((fastest, one) => (one.value < fastest.value ? one : fastest));
  return { chosen: best.settings, tried: tried.toSorted((a, b) => a.value - b.value) };
}

function attempt(settings: Settings, value: number, others: number | undefined): TriedSettings {
  return { settings, value, ...(others === undefined ? {} : { others }) };
}
