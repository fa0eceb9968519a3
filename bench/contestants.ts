// Who takes part: the library's ways to run, its peers, and what bounds them all.

import type { Contestant } from './contestant.ts';
import { own } from './own.ts';
import { brain } from './peers/brain.ts';
import { onnxruntime } from './peers/onnxruntime.ts';
import { openblas, peaks } from './peers/openblas.ts';
import { pytorch } from './peers/pytorch.ts';
import { scikitLearn } from './peers/scikit-learn.ts';
import { tfjsCpu, tfjsWasm } from './peers/tfjs.ts';

export const contestants: readonly Contestant[] = [
  ...own, pytorch, onnxruntime, scikitLearn, tfjsWasm, tfjsCpu, brain, openblas, ...peaks,
];

const namesOf = (role: Contestant['role']): ReadonlySet<string> => new Set(contestants.filter((one) => one.role === role).map(({ name }) => name));

/** Names by role: results know their contestants by name alone. */
export const ownNames = namesOf('own'), peerNames = namesOf('peer');

/** The contestants of the given names, in the order of `contestants`; all when no name is given. */
export function selectContestants(names: readonly string[] | undefined): readonly Contestant[] {
  if (names === undefined) return contestants;
  const unknown = names.filter((name) => !contestants.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Error(`[bench] expected peers among ${contestants.map((one) => one.name).join(', ')} but received ${unknown.join(', ')}`);
  }
  return contestants.filter((one) => names.includes(one.name));
}
