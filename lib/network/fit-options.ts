// The options of fit, checked before anything runs.
import type { Dataset } from '../data/dataset.ts';
import { DataError, OptionError, ShapeError } from '../errors.ts';
import { boolean, checkOptions, describe, invalid, nonEmptyString, optionalFunction, positiveInteger } from '../options.ts';
import { checkMinimizer, minimizers, type MinimizerName } from '../minimize/registry.ts';
import type { MinimizerSpec } from '../minimize/minimizer.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { checkClip, type Clip } from '../train/clipping.ts';
import type { EpochRecord } from '../train/history.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { checkOptimizer, type OptimizerName } from '../train/optimizers/registry.ts';
import type { TrainingData } from './given.ts';
import type { GoalOptions } from './objective.ts';

/** What is measured: one loss and list of metrics, or by name of the output for a network of several. */
export interface EvaluateOptions extends GoalOptions {}

/** Options of `fit`. */
export interface FitOptions extends GoalOptions {
  /** Passes over the data (default 1). */
  readonly epochs?: number;
  /** Examples of a minibatch (default 32); the last one of an epoch may be shorter. */
  readonly batchSize?: number;
  /**
   * Default `adam()`. Its moments start anew with every call of `fit`. With `lbfgs()` or `conjugateGradient()` an epoch is an
   * iteration on the whole data: there are no minibatches, and the run ends early where the gradient vanishes.
   */
  readonly optimizer?: OptimizerSpec | OptimizerName | MinimizerSpec | MinimizerName;
  /** Limits of the gradients: `{ globalNorm: 1 }`, `{ norm: 1 }` or `{ value: 0.5 }` (default none). */
  readonly clip?: Clip;
  /** With batches that come one after the other: how many make an epoch (default: until there are no more). */
  readonly stepsPerEpoch?: number;
  /** Data to evaluate after every epoch, or the fraction of the data to set aside for it. */
  readonly validation?: TrainingData | number;
  /** New order of the examples in every epoch (default true), or a function that gives the order of an epoch (from 0) as positions in the data. */
  readonly shuffle?: boolean | ((epoch: number) => ArrayLike<number>);
  /** Called after every epoch and awaited; the network may be used in it. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** What takes part in the run, such as `earlyStopping()`. */
  readonly callbacks?: readonly Callback[];
  /**
   * Goes on with the newest run of this folder, which `checkpoint(folder)` wrote: the same network, data and options give the same
   * bits as a run that was never interrupted; only `epochs` may be other. Begins anew where the folder holds no checkpoint.
   */
  readonly resume?: string;
  /** Look at network, data and learning curves after the run: `history.diagnosis` (default false). */
  readonly diagnose?: boolean;
  /** Stops the run after the minibatch in hand; the weights reached are kept. */
  readonly signal?: AbortSignal;
}

const names = ['epochs', 'batchSize', 'optimizer', 'clip', 'stepsPerEpoch', 'loss', 'lossWeights', 'metrics', 'validation', 'shuffle', 'onEpoch', 'callbacks', 'resume', 'diagnose', 'signal'] as const;

/** Options with their defaults. */
export interface Run {
  readonly epochs: number;
  readonly batchSize: number;
  /** A rule for minibatches, or a method for the whole data. */
  readonly optimizer: OptimizerSpec | undefined;
  readonly minimizer: MinimizerSpec | undefined;
  readonly clip: Clip | undefined;
  readonly shuffle: boolean;
  readonly order: ((epoch: number) => ArrayLike<number>) | undefined;
  readonly callbacks: readonly Callback[];
  readonly resume: string | undefined;
  readonly diagnose: boolean;
}

/** What a run on batches that come one after the other cannot have. */
export function checkStreamFit(options: FitOptions, run: Run): void {
  for (const name of ['shuffle', 'diagnose'] as const) {
    if (options[name] !== undefined) throw new OptionError(`[fit] expected no '${name}' with batches that come one after the other`);
  }
  if (run.minimizer !== undefined) throw new OptionError(`[fit] expected all data at once for ${run.minimizer.type}`);
  if (typeof options.validation === 'number') throw new OptionError("[fit] expected 'validation' to be data, for no part of a stream can be set aside");
}

export function checkFit(options: FitOptions): Run {
  checkOptions('fit', options, names);
  const { shuffle = true, callbacks = [], onEpoch, signal } = options;
  optionalFunction('fit', 'onEpoch', onEpoch);
  if (!Array.isArray(callbacks) || !callbacks.every((each) => typeof each === 'object' && each !== null)) throw invalid('fit', 'callbacks', 'an array of callbacks such as earlyStopping()', callbacks);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('fit', 'signal', 'an AbortSignal', signal);
  const type = typeof options.optimizer === 'object' ? options.optimizer?.type : options.optimizer;
  const minimizer = type !== undefined && Object.hasOwn(minimizers, type) ? checkMinimizer('fit', options.optimizer) : undefined;
  if (options.stepsPerEpoch !== undefined) positiveInteger('fit', 'stepsPerEpoch', options.stepsPerEpoch);
  for (const name of ['batchSize', 'clip', 'resume'] as const) {
    if (minimizer !== undefined && options[name] !== undefined) throw new OptionError(`[fit] expected no '${name}' with ${minimizer.type}, which works on the whole data and searches its steps`);
  }
  return {
    epochs: positiveInteger('fit', 'epochs', options.epochs ?? 1),
    batchSize: positiveInteger('fit', 'batchSize', options.batchSize ?? 32),
    optimizer: minimizer === undefined ? checkOptimizer('fit', options.optimizer ?? 'adam', Object.keys(minimizers)) : undefined,
    minimizer,
    clip: checkClip('fit', options.clip),
    shuffle: typeof shuffle === 'function' || boolean('fit', 'shuffle', shuffle),
    order: typeof shuffle === 'function' ? shuffle : undefined,
    resume: options.resume === undefined ? undefined : nonEmptyString('fit', 'resume', options.resume),
    callbacks: onEpoch === undefined ? callbacks : [...callbacks, { onEpoch }],
    diagnose: boolean('fit', 'diagnose', options.diagnose ?? false),
  };
}

/** The order of the user's, checked epoch by epoch. */
export function checkedOrder(order: NonNullable<Run['order']>, length: number): (epoch: number) => ArrayLike<number> {
  return (epoch) => {
    const positions = order(epoch);
    if (positions?.length !== length) throw new ShapeError(`[fit] expected 'shuffle' to give ${length} positions for epoch ${epoch} but received ${positions?.length ?? describe(positions)}`);
    for (let i = 0; i < length; i++) {
      const position = positions[i]!;
      if (!Number.isInteger(position) || position < 0 || position >= length) throw new DataError(`[fit] expected 'shuffle' to give positions below ${length} but received ${describe(position)} for epoch ${epoch}`);
    }
    return positions;
  };
}

/** Training and validation data: given apart, or a fraction of the data set aside. */
export function partData(train: Dataset, validation: FitOptions['validation'], seed: number, read: (data: TrainingData) => Dataset): { train: Dataset; validation: Dataset | undefined } {
  if (validation === undefined) return { train, validation: undefined };
  if (typeof validation !== 'number') return { train, validation: read(validation) };
  if (!(validation > 0 && validation < 1)) throw new OptionError(`[fit] expected 'validation' to be data or a fraction between 0 and 1 but received ${describe(validation)}`);
  const parts = train.split({ test: validation, seed });
  return { train: parts.train, validation: parts.test };
}
