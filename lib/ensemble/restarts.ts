// Random restarts: several runs from different first weights, of which the best is kept.
import type { Dataset } from '../data/dataset.ts';
import { NonFiniteError } from '../errors.ts';
import { partData, type EvaluateOptions } from '../network/fit-options.ts';
import { datasetOf, type TrainingData } from '../network/given.ts';
import type { Network } from '../network/network.ts';
import { positiveInteger } from '../options.ts';
import type { History } from '../train/history.ts';
import { checkRuns, type EnsembleFitOptions } from './fit-options.ts';
import { checkSeed, makeMember, sideBySide, type MemberNetwork } from './members.ts';

/** Options of `restarts`. */
export interface RestartsOptions extends EnsembleFitOptions {
  /** Number of runs (default 5). */
  readonly restarts?: number;
  /** Seed of the runs' seeds (default that of the network's options, else 0). */
  readonly seed?: number;
}

/** The best of several runs. */
export interface RestartsResult {
  /** The network of the best run; the others are disposed. */
  readonly network: Network;
  /** Number of the best run, from 0. */
  readonly best: number;
  /** What the runs reported, in order; undefined for one whose loss became NaN or infinite. */
  readonly histories: readonly (History | undefined)[];
  /** Losses by which they are compared, in order; Infinity for a run that failed. */
  readonly losses: readonly number[];
}

/** The loss at the end of a run; one that is no number there counts as a failure of the last epoch. */
async function lossOf(network: Network, data: Dataset, { epochs = 1, ...options }: EvaluateOptions & { epochs?: number | undefined }): Promise<number> {
  const { loss } = await network.evaluate(data, options);
  if (!Number.isFinite(loss)) throw new NonFiniteError(`[restarts] the loss became ${loss} on the data that runs are compared by`, epochs, 1);
  return loss;
}

/**
 * Trains `restarts` networks from different first weights and keeps the one with the lowest loss at its end: on the validation data
 * (the same for all runs) or, without any, on the training data. The first of equals is kept. Options are those of
 * `Ensemble.fit`; networks that fall behind are disposed at once. The result does not depend on `concurrency`.
 * Rejects with `ERR_NON_FINITE` where every run fails, and with any other error of a run, after disposing all networks.
 *
 * @example
 * const { network, losses } = await restarts({ inputs: 64, layers }, train, { restarts: 5, epochs: 20, validation: 0.2 });
 */
export async function restarts(network: MemberNetwork, data: TrainingData, options: RestartsOptions = {}): Promise<RestartsResult> {
  const { restarts: asked, seed: given, ...shared } = options;
  const count = positiveInteger('restarts', 'restarts', asked ?? 5), plan = checkRuns('restarts', shared);
  const seed = checkSeed('restarts', given, network);
  const histories: (History | undefined)[] = Array.from({ length: count }), losses = new Array<number>(count).fill(Infinity);
  const { loss, lossWeights, metrics } = shared;
  const failures: NonFiniteError[] = [], kept: { best?: { network: Network; index: number }; data?: ReturnType<typeof partData> } = {};

  /** Keeps the better of the best so far and a run that has ended. */
  const compare = (own: Network, index: number): void => {
    const { best } = kept, difference = losses[index]! - losses[best?.index ?? index]!;
    const isBetter = best === undefined || difference < 0 || (difference === 0 && index < best.index);
    (isBetter ? best?.network : own)?.dispose();
    if (isBetter) kept.best = { network: own, index };
  };

  const run = async (index: number, signal: AbortSignal): Promise<void> => {
    const own = makeMember('restarts', network, seed, index);
    try {
      const read = (values: TrainingData): Dataset => datasetOf('fit', values, own.internals.model.architecture);
      // Read once: all runs share the data.
      kept.data ??= partData(read(data), shared.validation, seed, read);
      const { train, validation } = kept.data;
      const history = await own.fit(train, plan.of(index, signal, validation));
      losses[index] = await lossOf(own, validation ?? train, { epochs: shared.epochs, loss, lossWeights, metrics });
      histories[index] = history;
    } catch (error) {
      own.dispose();
      if (!(error instanceof NonFiniteError)) throw error;
      failures[index] = error;
      return;
    }
    compare(own, index);
  };

  try {
    await sideBySide(count, plan.concurrency, shared.signal, run);
  } catch (error) {
    kept.best?.network.dispose();
    throw error;
  }
  if (kept.best === undefined) throw failures.find((failure) => failure !== undefined)!;
  return { network: kept.best.network, best: kept.best.index, histories, losses };
}
