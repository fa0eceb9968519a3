// scikit-learn as a peer: MLPClassifier in training, on the build and kernels of OpenBLAS that suit it best.

import { availableParallelism } from 'node:os';
import type { Contestant } from '../contestant.ts';
import type { Command } from '../launch.ts';
import type { TrialRequest } from '../trial-types.ts';
import { chooseBest } from './choose.ts';
import { blasVariants, findOpenmpBlas, findPython, pythonCommand } from './python.ts';

function command(request: TrialRequest): Command {
  return pythonCommand('sklearn', 'scikit-learn.py', request);
}

export const scikitLearn: Contestant = {
  name: 'scikit-learn',
  role: 'peer',
  unavailable: () => (findPython('sklearn') === undefined ? 'no Python here can import sklearn (npm run bench:peers)' : undefined),
  takes: ({ kind }) => kind === 'training',
  threads: (asked) => asked.filter((threads) => threads <= availableParallelism()),
  command,
  choose: (request, launch) => chooseBest({
    request, launch, command, ofProcess: blasVariants(request.threads, process.env['OPENBLAS_CORETYPE'], findOpenmpBlas()), finalists: 2,
  }),
  cannotAgree: (one) => (one.kind === 'training' && one.optimizer.name === 'adam'
    ? 'its Adam adds epsilon before it corrects the moments, which makes other first steps (up to 2e-4 in the loss)' : undefined),
};
