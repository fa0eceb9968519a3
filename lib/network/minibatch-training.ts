// Training on minibatches: the optimizer's program, run epoch after epoch by the training loop.
import type { Dataset } from '../data/dataset.ts';
import type { Schedule } from '../train/blocks.ts';
import type { History } from '../train/history.ts';
import { trainingLoop } from '../train/loop.ts';
import type { OptimizerSpec } from '../train/optimizers/optimizer.ts';
import { diagnosed } from './diagnosis.ts';
import { Evaluator } from './evaluator.ts';
import { faultFinder } from './fault.ts';
import { checkedOrder, type Run } from './fit-options.ts';
import type { Model } from './model.ts';
import type { Goal } from './objective.ts';
import { describeNetwork, type Description } from './persist.ts';
import { captureRun, findRun, restoreRun, type RunIdentity } from './resume.ts';
import { bindSources } from './sources.ts';
import type { Store } from './store.ts';
import { describeModel } from './summary.ts';
import type { Tensors } from './tensors.ts';
import { makeTrainer } from './trainer.ts';

interface MinibatchRequest {
  readonly data: Dataset;
  readonly goal: Goal;
  readonly optimizer: OptimizerSpec;
  readonly run: Run;
  readonly validation: { readonly data: Dataset; readonly goal: Goal } | undefined;
  readonly trained: { steps: number };
  readonly signal: AbortSignal | undefined;
  readonly tensors: Tensors;
  readonly seed: number;
  /** The network as its file describes it. */
  describe(): Description;
}

/** What a run has to have in common with the one it goes on with. */
function identityOf(store: Store, { data, goal, optimizer, run, describe }: MinibatchRequest, batchSize: number): RunIdentity {
  const outputs = goal.outputs.map(({ name, loss, weight, metricNames }) => ({ name, loss, weight, metrics: metricNames }));
  const { seed, inputs, layers, applications, outputs: ends } = describe();
  return {
    network: JSON.stringify({ inputs, layers, applications, outputs: ends }), seed, optimizer, goal: { outputs, weighted: goal.weights !== undefined },
    batchSize, shuffle: run.shuffle, clip: run.clip ?? null, examples: data.length, precision: store.backend.precision,
  };
}

/** Trains for the epochs of the run; goes on with an earlier run where that is asked for. */
export async function trainOnMinibatches(store: Store, model: Model, request: MinibatchRequest): Promise<History> {
  const { data, goal, optimizer, run, validation, trained, signal, tensors, seed, describe } = request;
  const batchSize = Math.min(run.batchSize, data.length), identity = identityOf(store, request, batchSize);
  const trainer = await store.gate.through(async () => makeTrainer(store, model, goal, optimizer, batchSize, run.clip));
  const { program, executable, scratch } = trainer.loaded;
  let evaluator: Evaluator | undefined;
  try {
    const resumed = run.resume === undefined ? undefined : await findRun(run.resume, identity, {
      slots: store.slots().length, results: trainer.names.length, stepsPerEpoch: Math.ceil(data.length / batchSize), isKept: (name) => tensors.has(name),
    });
    if (resumed !== undefined) {
      await store.gate.through(async () => restoreRun(store, tensors, resumed));
      trained.steps = resumed.steps;
    }
    if (validation !== undefined) evaluator = new Evaluator(store, model, validation.goal);
    const validate = evaluator && validation && (() => store.gate.through(() => evaluator!.run(validation.data)));
    const schedule: Schedule = {
      length: data.length, index: data.index, batchSize, shuffle: run.shuffle, seed, epochs: run.epochs,
      stepsBefore: resumed?.run.stepsBefore ?? trained.steps, hypers: (moment) => trainer.hypers(moment), hyperCount: program.hypers.length,
      ...(run.order && { order: checkedOrder(run.order, data.length) }),
    };
    const history = await trainingLoop({
      executable, scratch, state: store.state, sources: bindSources(program, data), names: trainer.names, rates: trainer.schedule, schedule, trained,
      faults: faultFinder(store, model, goal, batchSize, trainer.slots, (read) => bindSources(read, data)),
      allocate: store.backend.allocate,
      exclusive: (work) => store.gate.through(work),
      onWait: (stop) => { store.gate.onWait = stop; },
      snapshot: () => store.snapshot(), restore: (weights) => store.restore(weights),
      network: describeModel(model), tensors: () => tensors.read(),
      capture: (state) => captureRun({ metadata: describeNetwork(describe()), tensors: tensors.read() }, store, identity, state), from: resumed?.run,
      validate, callbacks: run.callbacks, signal,
    });
    return run.diagnose ? await diagnosed(store, model, goal, data, history, { trainer, schedule }) : history;
  } finally {
    await store.gate.through(async () => {
      store.unload(trainer.loaded);
      evaluator?.dispose();
      store.useSlots([]);
    });
  }
}
