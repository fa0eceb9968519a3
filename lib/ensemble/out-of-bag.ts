// Out-of-bag error: every example is predicted by the members that have not seen it (Breiman, "Out-of-bag estimation", 1996).
import { decodeRow } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import type { EvaluateOptions } from '../network/fit-options.ts';
import type { Network } from '../network/network.ts';
import type { Evaluation } from '../train/history.ts';
import { outOfBag } from './bootstrap.ts';
import { Judge, predictAll } from './judge.ts';

/** Loss and metrics of the average over those members for which an example is out of bag: an estimate for new data without a test set. */
export interface OutOfBagEvaluation extends Evaluation {
  /** Examples that at least one member has not seen. */
  readonly rows: number;
  /** Each member on the examples that it has not seen; undefined where there are none, and for a member that failed. */
  readonly members: readonly (Evaluation | undefined)[];
}

/** Whether there is anything to measure: examples, not all of weight 0. */
function counts(data: Dataset, positions: Int32Array): boolean {
  const { weights } = data, weight = new Float32Array(1);
  return positions.some((position) => {
    if (weights !== null) decodeRow(weights, data.index === null ? position : data.index[position]!, weight);
    return weights === null || weight[0]! > 0;
  });
}

/** Measures predictions by the network itself or, where given, `predictions`. */
async function measured(network: Network, data: Dataset, options: EvaluateOptions, predictions: Parameters<Judge['measure']>[0]): Promise<Evaluation> {
  const judge = new Judge('fit', network, data, options);
  try {
    return await judge.measure(predictions);
  } finally {
    judge.dispose();
  }
}

/** @param networks The members, undefined where one failed. @returns Undefined where every example is in every sample. */
export async function measureOutOfBag(networks: readonly (Network | undefined)[], samples: readonly Int32Array[], data: Dataset, options: EvaluateOptions): Promise<OutOfBagEvaluation | undefined> {
  const outputs = networks.find((network) => network !== undefined)!.outputs;
  const sums = new Float64Array(data.length * outputs), votes = new Int32Array(data.length);
  const members: (Evaluation | undefined)[] = [];
  // One after the other, so that the sums do not depend on who is done first.
  for (const [number, network] of networks.entries()) {
    const positions = outOfBag(samples[number]!, data.length);
    if (network === undefined || !counts(data, positions)) {
      members.push(undefined);
      continue;
    }
    const view = data.select(positions), predictions = await predictAll(network, view);
    members.push(await measured(network, view, options, predictions));
    positions.forEach((position, row) => {
      votes[position]!++;
      for (let k = 0; k < outputs; k++) sums[position * outputs + k]! += predictions[row * outputs + k]!;
    });
  }
  const positions = Int32Array.from(votes, (_, position) => position).filter((position) => votes[position]! > 0);
  if (positions.length === 0) return undefined;
  const means = new Float64Array(positions.length * outputs);
  positions.forEach((position, row) => {
    for (let k = 0; k < outputs; k++) means[row * outputs + k] = sums[position * outputs + k]! / votes[position]!;
  });
  const network = networks.find((each) => each !== undefined)!;
  return { ...await measured(network, data.select(positions), options, means), rows: positions.length, members };
}
