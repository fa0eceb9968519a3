// Models that a command line names: a file, a folder of checkpoints, of which the newest is meant, or the folder of an ensemble.
import type { Tables } from '../data/parts.ts';
import { Ensemble, type EnsembleEvaluation } from '../ensemble/ensemble.ts';
import type { EnsemblePrediction } from '../ensemble/average.ts';
import { isEnsemble } from '../ensemble/persist.ts';
import { DataError } from '../errors.ts';
import type { EvaluateOptions } from '../network/fit-options.ts';
import type { TrainingData } from '../network/given.ts';
import { Network } from '../network/network.ts';
import type { Prediction } from '../network/prediction.ts';
import { quote } from '../options.ts';
import { readNewest } from '../train/checkpoint/files.ts';
import type { Evaluation } from '../train/history.ts';
import type { Settings } from './configuration.ts';
import { UsageError } from './exit-codes.ts';
import { machineOf } from './job.ts';
import { isFolder } from './source-kind.ts';

/** A model that measures and predicts. */
export interface LoadedModel {
  /** The network; of an ensemble the first of its members, which have inputs, outputs and columns in common. */
  readonly network: Network;
  readonly ensemble: Ensemble | undefined;
  predict(x: Tables): Promise<Prediction | EnsemblePrediction>;
  evaluate(data: TrainingData, options: EvaluateOptions): Promise<Evaluation | EnsembleEvaluation>;
}

/** The file of a model. */
export async function modelFile(path: string): Promise<string> {
  if (!(await isFolder(path))) return path;
  if (await isEnsemble(path)) throw new UsageError(`expected a single model but ${quote(path, Infinity)} holds an ensemble; its members are files of their own`);
  const newest = await readNewest(path);
  if (newest === undefined) throw new DataError(`expected a model, an ensemble or a folder of checkpoints but ${quote(path, Infinity)} holds none`);
  return newest.path;
}

/** A single network. */
export async function loadNetwork(path: string, settings: Settings): Promise<Network> {
  return Network.load(await modelFile(path), machineOf(settings));
}

/** A network or an ensemble. */
export async function loadModel(path: string, settings: Settings): Promise<LoadedModel> {
  const ensemble = (await isEnsemble(path)) ? await Ensemble.load(path, machineOf(settings)) : undefined, model = ensemble ?? await loadNetwork(path, settings);
  return {
    network: ensemble?.members[0] ?? model as Network, ensemble,
    predict: (x) => model.predict(x), evaluate: (data, options) => model.evaluate(data, options),
  };
}
