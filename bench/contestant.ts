// What a contestant is to the driver: whether it can run here, in which cases, how it is set and how its trial is started.

import type { BenchmarkCase } from './cases.ts';
import type { Command } from './launch.ts';
import type { Settings, TrialRequest, TrialResult, TriedSettings } from './trial-types.ts';

/** The settings a contestant runs a case with, and every one it tried before choosing. */
export interface ChosenSettings {
  readonly chosen: Settings;
  readonly tried: readonly TriedSettings[];
}

export type Launch = (command: Command) => Promise<TrialResult>;

export interface Contestant {
  readonly name: string;
  /** The library itself, one it is compared with, or what a library can reach at most. */
  readonly role: 'own' | 'peer' | 'bound';
  /** One sentence why it cannot take part here; `undefined` where it can. */
  unavailable(): string | undefined;
  /** Whether the case is one of its own. */
  takes(one: BenchmarkCase): boolean;
  /** The numbers of threads it can be held to, of those asked for. */
  threads(asked: readonly number[], one: BenchmarkCase): readonly number[];
  /** Makes what its trials need, once, before anything is measured. */
  prepare?(request: TrialRequest, launch: Launch): Promise<void>;
  /** Finds its best settings for a case, before the rounds; `undefined` where there is nothing to choose. */
  choose?(request: TrialRequest, launch: Launch): Promise<ChosenSettings | undefined>;
  /** How a trial is started. */
  command(request: TrialRequest): Command;
  /**
   * Only of who has a loss or probabilities to compare: `undefined` where it can be given the library's weights, and otherwise one
   * sentence why not.
   */
  cannotAgree?(one: BenchmarkCase): string | undefined;
}
