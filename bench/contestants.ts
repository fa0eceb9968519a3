// Who takes part: the library's two backends and its peers, and how each one's trial is started.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from './launch.ts';
import type { Settings, TrialRequest, TrialResult, TriedSettings } from './trial-types.ts';
import { pytorch } from './peers/pytorch.ts';

/** The settings a contestant runs a case with, and every one it tried before choosing. */
export interface ChosenSettings {
  readonly chosen: Settings;
  readonly tried: readonly TriedSettings[];
}

export interface Contestant {
  readonly name: string;
  /** One sentence why it cannot take part here; `undefined` where it can. */
  unavailable(): string | undefined;
  /** The numbers of threads it can be held to, of those asked for. */
  threads(asked: readonly number[]): readonly number[];
  /** Finds its best settings for a case, before the rounds. */
  choose?(request: TrialRequest, launch: (command: Command) => Promise<TrialResult>): Promise<ChosenSettings>;
  /** How a trial is started. */
  command(request: TrialRequest): Command;
}

function backend(name: 'native' | 'typescript', threads: Contestant['threads']): Contestant {
  return {
    name,
    threads,
    unavailable: () => {
      const built = existsSync(new URL('../dist/index.js', import.meta.url));
      return built ? undefined : 'the library is not built (npm run build)';
    },
    command: (request) => ({
      command: process.execPath,
      args: ['--import', 'tsx', fileURLToPath(new URL('trial.ts', import.meta.url)), JSON.stringify(request)],
      env: {
        // The trial names its backend itself.
        DENSELY_BACKEND: undefined,
        // tsx follows the `paths` of tsconfig.json to the sources; the build's has none, so users' own files in dist/ are measured.
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.build.json', import.meta.url)),
      },
    }),
  };
}

export const contestants: readonly Contestant[] = [
  backend('native', (asked) => asked.filter((threads) => threads <= availableParallelism())),
  backend('typescript', (asked) => asked.slice(0, 1)),
  pytorch,
];

/** The contestants of the given names, in the order of `contestants`; all when no name is given. */
export function selectContestants(names: readonly string[] | undefined): readonly Contestant[] {
  if (names === undefined) return contestants;
  const unknown = names.filter((name) => !contestants.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Error(`[bench] expected peers among ${contestants.map((one) => one.name).join(', ')} but received ${unknown.join(', ')}`);
  }
  return contestants.filter((one) => names.includes(one.name));
}
