// brain.js as a peer: its pure JavaScript NeuralNetwork, which trains example by example and on another loss.

import type { Contestant } from '../contestant.ts';
import { notInstalled } from './installed.ts';
import { nodeCommand } from './node-peer.ts';

export const brain: Contestant = {
  name: 'brain.js',
  role: 'peer',
  unavailable: () => notInstalled('brain.js'),
  // It has momentum and Adam, but example by example: a batch's worth of plain steps is as near as it comes, and only to SGD.
  takes: (one) => (one.kind === 'training' && one.optimizer.name === 'sgd') || one.kind === 'inference' || one.kind === 'import',
  threads: () => [1],
  command: nodeCommand('brain-trial.ts'),
  cannotAgree: () => 'it trains example by example on squared errors, and has no softmax',
};
