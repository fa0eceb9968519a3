// The library's own ways to run, each a contestant: backends, calls that wait and that do not, bfloat16, a processor taken away.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchmarkCase } from './cases.ts';
import type { Contestant } from './contestant.ts';
import { startupCommand } from './startup.ts';
import { chooseBest } from './peers/choose.ts';
import type { Command } from './launch.ts';
import type { TrialRequest } from './trial-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A trial of the library: `trial.ts`, on the users' own files in dist/. */
export function trialCommand(request: TrialRequest): Command {
  if (request.case.kind === 'import' || request.case.kind === 'load') return startupCommand(request);
  return {
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(new URL('trial.ts', import.meta.url)), JSON.stringify(request)],
    env: {
      // The trial names its backend itself.
      DENSELY_BACKEND: undefined,
      // tsx follows the `paths` of tsconfig.json to the sources; the build's has none.
      TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.build.json', import.meta.url)),
    },
  };
}

function notBuilt(): string | undefined {
  return existsSync(new URL('../dist/index.js', import.meta.url)) ? undefined : 'the library is not built (npm run build)';
}

const upToProcessors: Contestant['threads'] = (asked) => asked.filter((threads) => threads <= availableParallelism());
const isKind = (...kinds: BenchmarkCase['kind'][]) => ({ kind }: BenchmarkCase): boolean => kinds.includes(kind);
const common = { role: 'own', unavailable: notBuilt, command: trialCommand } as const;
/** One thread, or as many as asked for: what a start, a queue of callers or a leak costs does not call for two rows. */
const manyThreads: BenchmarkCase['kind'][] = ['training', 'inference', 'concurrent'];

const native: Contestant = {
  ...common,
  name: 'native',
  takes: isKind('training', 'inference', 'concurrent', 'import', 'load', 'eventloop', 'memory'),
  threads: (asked, one) => {
    const possible = upToProcessors(asked, one);
    return manyThreads.includes(one.kind) ? possible : possible.slice(one.kind === 'eventloop' ? -1 : 0).slice(0, 1);
  },
  cannotAgree: () => undefined,
  async choose(request, launch) {
    if (request.case.kind !== 'concurrent') return undefined;
    return chooseBest({ request, launch, command: trialCommand, ofProcess: ['0', '0.2', '0.5', '1'].map((maxDelay) => ({ maxDelay })), finalists: 2 });
  },
};

/** `predict`, whose arithmetic runs off the event loop, beside `predictSync`. */
const nativeAsync: Contestant = { ...common, name: 'native-async', takes: isKind('inference'), threads: upToProcessors };

const bfloat16Program = `
  import { dense, Network } from 'densely';
  try {
    new Network({ inputs: 1, layers: [dense(1)], backend: 'native', precision: 'bfloat16' });
  } catch (error) {
    console.log(error.message);
  }`;
let refused: string | undefined | null = null;

/** Why a network of bfloat16 cannot be built here, in the library's own words. */
function bfloat16Refused(): string | undefined {
  if (notBuilt() !== undefined) return notBuilt();
  if (refused === null) {
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', bfloat16Program], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    refused = said.trim() === '' ? undefined : said.trim().replace(/\.$/, '');
  }
  return refused;
}

/** Weights and activations rounded to bfloat16, where the processor multiplies them natively: compared with the peers' float32. */
const nativeBfloat16: Contestant = {
  ...common, name: 'native-bf16', threads: upToProcessors, unavailable: bfloat16Refused,
  takes: ({ name }) => name === 'W3-512-sgd' || name.startsWith('W3-predict-'),
};

/** `fit` on two threads while another process spins on the first processor: as on a machine that is not one's own. */
const nativeHog: Contestant = {
  ...common, name: 'native-hog', takes: isKind('training'),
  threads: (asked, one) => upToProcessors(asked, one).filter((threads) => threads === 2),
  unavailable: () => {
    if (notBuilt() !== undefined) return notBuilt();
    if (availableParallelism() < 2) return 'it needs two processors';
    try {
      execFileSync('taskset', ['-c', '0', process.execPath, '-e', ''], { stdio: 'ignore' });
      return undefined;
    } catch {
      return 'no taskset here can hold a process to the first processor';
    }
  },
};

const typescript: Contestant = {
  ...common, name: 'typescript', takes: isKind('training', 'inference'), threads: (asked) => asked.slice(0, 1), cannotAgree: () => undefined,
};

export const own: readonly Contestant[] = [native, nativeAsync, nativeBfloat16, nativeHog, typescript];
