// Ensemble: networks that are trained side by side and predict together.
import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import type { Tables } from '../data/parts.ts';
import { BusyError, DisposedError, ModelFormatError, NonFiniteError, OptionError } from '../errors.ts';
import { partData, type EvaluateOptions } from '../network/fit-options.ts';
import { datasetOf, type TrainingData } from '../network/given.ts';
import { Network } from '../network/network.ts';
import type { NetworkOptions } from '../network/network-options.ts';
import { checkOptions, invalid, numberIn, positiveInteger } from '../options.ts';
import type { Evaluation, History } from '../train/history.ts';
import { average, type EnsemblePrediction } from './average.ts';
import { bootstrapSample } from './bootstrap.ts';
import { checkRuns, type EnsembleFitOptions } from './fit-options.ts';
import { Judge, predictAll } from './judge.ts';
import { checkSeed, makeMember, sideBySide, type MemberNetwork } from './members.ts';
import { measureOutOfBag, type OutOfBagEvaluation } from './out-of-bag.ts';
import { readIndex, saveEnsemble } from './persist.ts';

/** What an ensemble is made of. */
export interface EnsembleOptions {
  /** Number of networks (default 5). */
  readonly members?: number;
  /** What each is made of: one description for all, or a function that gives the options of one from its seed and number (from 0). */
  readonly network: MemberNetwork;
  /** Seed of the members' seeds and of the bootstrap samples (default that of `network`, else 0). */
  readonly seed?: number;
  /** Train each member on a bootstrap sample of its own: as many examples as there are, or `fraction` of them, drawn with replacement (default false). */
  readonly bagging?: boolean | { readonly fraction?: number };
}

/** What `fit` of an ensemble resolves to. */
export interface EnsembleHistory {
  /** What the members' runs reported, in their order; undefined for one that failed. */
  readonly members: readonly (History | undefined)[];
  /** Members whose loss became NaN or infinite, from 0: they are left out of predictions until a later `fit` succeeds. */
  readonly failures: readonly { readonly member: number; readonly error: NonFiniteError }[];
  /** With bagging: how the ensemble does on examples that its members have not seen. */
  readonly outOfBag?: OutOfBagEvaluation;
}

/** Loss and metrics of the averaged prediction. */
export interface EnsembleEvaluation extends Evaluation {
  /** The same for each member by itself, in their order, without those that failed. */
  readonly members: readonly Evaluation[];
}

const optionNames = ['members', 'network', 'seed', 'bagging'] as const;
type RunOptions = Pick<NetworkOptions, 'backend' | 'precision' | 'threads'>;

function checkBagging(bagging: unknown): number | null {
  if (bagging === undefined || bagging === false) return null;
  if (bagging === true) return 1;
  if (typeof bagging !== 'object' || bagging === null) throw invalid('Ensemble', 'bagging', 'true, false or { fraction }', bagging);
  checkOptions('Ensemble', bagging, ['fraction']);
  return numberIn('Ensemble', 'fraction', (bagging as { fraction?: unknown }).fraction ?? 1, { from: 0, to: 1, openFrom: true });
}

/** Inputs and outputs of a network as text: what members have to agree on. */
function interfaceOf(network: Network): string {
  const { model } = network.internals;
  const inputs = model.architecture.inputs.map(({ name, features }) => `'${name}' of ${features}`);
  const outputs = model.prediction.outputs.map(({ name, node }) => `'${name}' of ${String(node.shape[1])} by ${node.op.name}`);
  return `inputs ${inputs.join(', ')}, outputs ${outputs.join(', ')}`;
}

function checkAlike(networks: readonly Network[]): void {
  const first = interfaceOf(networks[0]!);
  for (const [i, network] of networks.entries()) {
    const other = interfaceOf(network);
    if (other !== first) throw new OptionError(`[Ensemble] expected members with the same inputs and outputs but member 0 has ${first}, and member ${i} ${other}`);
  }
}

/**
 * Networks with different first weights (and with bagging different samples of the data) that predict their average. Probabilities,
 * as of a softmax, are averaged as such, not their logits. For squared errors the average is never worse than its members are in
 * the mean: their mean error is its error plus the mean square of `spread` (Krogh and Vedelsby 1995).
 *
 * @example
 * const ensemble = new Ensemble({ members: 5, network: { inputs: 64, layers: [dense(64, 'relu'), dense(10, 'softmax')] } });
 * await ensemble.fit(train, { epochs: 20 });
 * const { data, spread } = await ensemble.predict(x);
 */
export class Ensemble {
  /** The networks, which can be used by themselves. */
  readonly members: readonly Network[];
  readonly seed: number;
  private readonly fraction: number | null;
  private failed: ReadonlySet<number> = new Set();
  private fitting = false;
  private disposed = false;

  /**
   * @param restored Used by `load`: the members there are, and which of them failed.
   * @throws {OptionError} or {ShapeError} on options or layers that do not fit, or members that differ in inputs or outputs.
   */
  constructor(options: EnsembleOptions, restored?: { readonly members: readonly Network[]; readonly failed: ReadonlySet<number> }) {
    checkOptions('Ensemble', options, optionNames);
    const { network } = options, count = positiveInteger('Ensemble', 'members', options.members ?? 5);
    this.seed = checkSeed('Ensemble', options.seed, network);
    this.fraction = checkBagging(options.bagging);
    this.members = restored?.members ?? Array.from({ length: count }, (_, i) => makeMember('Ensemble', network, this.seed, i));
    checkAlike(this.members);
    if (restored !== undefined) this.failed = restored.failed;
  }

  /** Loads an ensemble that `save` wrote. Rejects with `ERR_MODEL_FORMAT` where the folder holds none. */
  static async load(folder: string, options: RunOptions = {}): Promise<Ensemble> {
    const { seed, fraction, members: listed } = await readIndex(folder);
    const members: Network[] = [];
    try {
      for (const { file } of listed) members.push(await Network.load(join(folder, file), options));
      const failed = new Set(listed.flatMap((member, i) => (member.failed ? [i] : [])));
      return new Ensemble({ network: () => ({ inputs: 1 }), seed, bagging: fraction === null ? false : { fraction } }, { members, failed });
    } catch (error) {
      members.forEach((member) => member.dispose());
      throw error instanceof OptionError && members.length === listed.length ? new ModelFormatError(`[load] the folder does not hold an ensemble: ${error.message}`, { cause: error }) : error;
    }
  }

  /**
   * Trains the members side by side, off the event loop. A fraction set aside for `validation` is the same for all. A member
   * whose loss becomes NaN or infinite is told of in `failures` and by a warning (code `DENSELY_MEMBER_FAILED`), and the others go
   * on; rejects with `ERR_NON_FINITE` where none is left. Every other failure, and the signal, stops all: the weights reached are kept.
   * Rejects with `ERR_BUSY` when another `fit` is in flight.
   */
  async fit(data: TrainingData, options: EnsembleFitOptions = {}): Promise<EnsembleHistory> {
    this.checkUsable('fit');
    if (this.fitting) throw new BusyError('[Ensemble.fit] another fit of this ensemble is in flight');
    const plan = checkRuns('Ensemble.fit', options);
    const read = (given: TrainingData): Dataset => datasetOf('fit', given, this.members[0]!.internals.model.architecture);
    const { train, validation } = partData(read(data), options.validation, this.seed, read);
    const samples = this.samples(train.length);
    const runs: (History | undefined)[] = this.members.map(() => undefined), failures: { member: number; error: NonFiniteError }[] = [];

    this.fitting = true;
    try {
      await sideBySide(this.members.length, plan.concurrency, options.signal, async (member, signal) => {
        try {
          runs[member] = await this.members[member]!.fit(samples === undefined ? train : train.select(samples[member]!), plan.of(member, signal, validation));
        } catch (error) {
          if (!(error instanceof NonFiniteError)) throw error;
          failures.push({ member, error });
        }
      });
      return await this.finish(train, runs, failures.toSorted((a, b) => a.member - b.member), samples, options);
    } finally {
      this.fitting = false;
    }
  }

  private async finish(data: Dataset, members: (History | undefined)[], failures: EnsembleHistory['failures'], samples: readonly Int32Array[] | undefined, { loss, lossWeights, metrics }: EvaluateOptions): Promise<EnsembleHistory> {
    if (failures.length === this.members.length) throw failures[0]!.error;
    this.failed = new Set(failures.map(({ member }) => member));
    for (const { member, error } of failures) {
      process.emitWarning(`[Ensemble.fit] member ${member} of ${this.members.length} is left out of predictions: ${error.message}`, { type: 'DenselyWarning', code: 'DENSELY_MEMBER_FAILED' });
    }
    const networks = this.members.map((network, i) => (this.failed.has(i) ? undefined : network));
    const outOfBag = samples && await measureOutOfBag(networks, samples, data, { loss, lossWeights, metrics });
    return { members, failures, ...(outOfBag && { outOfBag }) };
  }

  /**
   * The positions of the examples that each member trains on, from data of `length` examples; undefined without bagging. The same
   * for the same seed, number of the member and length.
   */
  samples(length: number): Int32Array[] | undefined {
    const { fraction, seed } = this;
    if (fraction === null) return undefined;
    return this.members.map((_, member) => bootstrapSample(length, Math.max(1, Math.round(fraction * length)), seed, member));
  }

  /** The average of the members' outputs, and their standard deviation, off the event loop. Input as for `Network.predict`. */
  async predict(x: Tables): Promise<EnsemblePrediction> {
    this.checkUsable('predict');
    return average(await Promise.all(this.working().map((member) => member.predict(x))));
  }

  /** The same on the calling thread; throws `ERR_BUSY` while a run is in flight. */
  predictSync(x: Tables): EnsemblePrediction {
    this.checkUsable('predictSync');
    return average(this.working().map((member) => member.predictSync(x)));
  }

  /**
   * Loss and metrics of the averaged prediction and of each member, all from their predictions: unlike those of
   * `Network.evaluate`, these losses contain no penalties.
   */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<EnsembleEvaluation> {
    this.checkUsable('evaluate');
    checkOptions('evaluate', options, ['loss', 'lossWeights', 'metrics']);
    const networks = this.working(), first = networks[0]!, set = datasetOf('evaluate', data, first.internals.model.architecture);
    const judge = new Judge('evaluate', first, set, options);
    try {
      const predictions = await Promise.all(networks.map((network) => predictAll(network, set))), members: Evaluation[] = [];
      for (const each of predictions) members.push(await judge.measure(each));
      const whole = average(predictions.map((values) => ({ shape: [set.length, first.outputs] as const, data: values })));
      return { ...await judge.measure(whole.data), members };
    } finally {
      judge.dispose();
    }
  }

  /** Writes a folder: one safetensors file for each member, and an index. A failed save leaves an older ensemble in it as it was. */
  async save(folder: string): Promise<void> {
    this.checkUsable('save');
    await saveEnsemble(folder, this.members, this.failed, { seed: this.seed, fraction: this.fraction });
  }

  /** Frees the memory of all members; every later call throws `ERR_DISPOSED`. Throws `ERR_BUSY` while a run is in flight. */
  dispose(): void {
    if (this.fitting) throw new BusyError('[Ensemble.dispose] a fit is in flight');
    this.members.forEach((member) => member.dispose());
    this.disposed = true;
  }

  /** The members that predict. */
  private working(): Network[] {
    return this.members.filter((_, i) => !this.failed.has(i));
  }

  private checkUsable(where: string): void {
    if (this.disposed) throw new DisposedError(`[Ensemble.${where}] the ensemble was disposed`);
  }
}
